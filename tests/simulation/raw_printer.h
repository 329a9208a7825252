#pragma once
// A printer at a raw socket (AppSocket): prints what comes, and says nothing.

#include <boost/asio/io_context.hpp>
#include <string>
#include <vector>

#include "dice.h"
#include "memory_network.h"
#include "trace.h"

namespace ipm::simulation {

class RawPrinter {
 public:
  // `context` outlives it.
  RawPrinter(std::string name, boost::asio::io_context& context, MemoryNetwork& network, Dice& dice,
             Trace& trace);

  void set_off(bool off) { off_ = off; }
  // How likely, in percent, something happens to the next connections.
  void set_moody(unsigned percent) { moody_ = percent; }

  struct Print {
    std::string bytes;      // of one connection, as far as they came
    bool troubled = false;  // by the printer's doing
  };
  const std::vector<Print>& prints() const { return prints_; }

 private:
  boost::asio::awaitable<void> serve(std::shared_ptr<Wire> wire);

  std::string name_;
  boost::asio::io_context& context_;
  Dice& dice_;
  Trace& trace_;
  bool off_ = false;
  unsigned moody_ = 0;
  std::vector<Print> prints_;
};

}  // namespace ipm::simulation
