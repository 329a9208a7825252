#pragma once
// Clients and an operator: they print, change their minds, vanish, and remember what they were told.

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "dice.h"
#include "papers.h"
#include "server.h"
#include "trace.h"

namespace ipm::simulation {

class Clients {
 public:
  // `alive` tells whether an answer still reaches anybody.
  Clients(Papers& papers, Dice& dice, Trace& trace, std::function<bool()> alive)
      : papers_(papers), dice_(dice), trace_(trace), alive_(std::move(alive)) {}

  void act(Server& server, const std::vector<std::string>& printers);
  // An operator releases what is held and lets every printer print.
  void release_all(Server& server, const std::vector<std::string>& printers);
  // The requests under way have no answer any more.
  void lose_answers();

 private:
  using Answered = std::function<void(const std::exception_ptr& failure)>;

  void print(Server& server, const std::string& printer);
  void create(Server& server, const std::string& printer);
  void add_document(Server& server);
  void cancel(Server& server);
  void cancel_many(Server& server);
  void hold(Server& server);
  void release(Server& server, int id);
  void edit(Server& server);
  void pause(Server& server, const std::string& printer, bool paused);

  Paper* any(const std::function<bool(const Paper&)>& wanted);
  std::string content(int id, std::size_t number);
  // Runs a request; `answered` comes unless the server died before.
  void ask(Server& server, boost::asio::awaitable<void> request, Answered answered);
  // The same for a change of one job.
  void ask_for(Server& server, int id, std::string what, boost::asio::awaitable<void> request,
               Answered answered);

  Papers& papers_;
  Dice& dice_;
  Trace& trace_;
  std::function<bool()> alive_;
};

}  // namespace ipm::simulation
