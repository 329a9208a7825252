#pragma once
// An IPP printer that keeps jobs and answers for them, as long as it does not start anew.

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "dice.h"
#include "ipp/message.h"
#include "memory_network.h"
#include "trace.h"
#include "virtual_time.h"

namespace ipm::simulation {

class IppPrinter {
 public:
  // `context` outlives it.
  IppPrinter(std::string name, boost::asio::io_context& context, MemoryNetwork& network, Dice& dice,
             Trace& trace);

  void set_off(bool off) { off_ = off; }
  // How likely, in percent, something happens to a request or its reply.
  void set_moody(unsigned percent) { moody_ = percent; }
  // It forgets every job, and its up-time begins anew.
  void start_anew();

  // Documents that it has printed, in order.
  const std::vector<std::string>& prints() const { return prints_; }
  // Names of jobs that it forgot.
  const std::vector<std::string>& forgotten() const { return forgotten_; }
  // Whether it lists a job of that name that ended unprinted.
  bool has_broken_off(const std::string& name) const;

 private:
  struct Job {
    std::int32_t id = 0;
    std::string name;
    std::string user;
    ipp::JobState state = ipp::JobState::Pending;
    std::vector<std::string> documents;
    bool incoming = false;
    std::int32_t created = 0;
  };
  struct Asked {
    ipp::Message message;
    std::string document;
  };
  enum class Mood { Well, LosesRequest, LosesReply, Silent, Busy };

  boost::asio::awaitable<void> serve(std::shared_ptr<Wire> wire);
  boost::asio::awaitable<void> print(std::int32_t id, std::uint64_t start);
  ipp::Message answer(const Asked& asked);
  void describe(ipp::Message& answer, const Job& job) const;
  void begin(Job& job);
  std::int32_t up_time() const;

  std::string name_;
  boost::asio::io_context& context_;
  Dice& dice_;
  Trace& trace_;
  bool off_ = false;
  unsigned moody_ = 0;
  Moment started_;
  std::uint64_t starts_ = 0;
  std::int32_t last_id_ = 0;
  std::map<std::int32_t, Job> jobs_;
  std::vector<std::string> prints_;
  std::vector<std::string> forgotten_;
};

}  // namespace ipm::simulation
