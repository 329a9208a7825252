#pragma once
// One life of the server: the product's own spool and manager, from a start to a stop or a crash.

#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>

#include "base/log.h"
#include "dice.h"
#include "disk.h"
#include "memory_network.h"
#include "output/device_pool.h"
#include "print/manager.h"
#include "spool/memory/engine.h"
#include "spool/spool.h"
#include "timeline.h"

namespace ipm::simulation {

// What a server stands on.
struct Ground {
  Disk& disk;
  std::shared_ptr<spool::memory::Disk> memory;  // its spool; null: SQLite on the disk
  const MemoryNetwork& network;
};

class Server {
 public:
  // Throws Error where the disk does not let it start.
  Server(Timeline& timeline, const Ground& ground, Dice& dice, const Log& log);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();  // as a crash, unless it was stopped

  // Stops in order; false when that was interrupted.
  bool stop();

  print::Manager& manager() { return *manager_; }
  boost::asio::io_context& context() { return context_; }
  bool stopping() const { return stopping_; }

 private:
  Timeline& timeline_;
  boost::asio::io_context context_{1};
  output::DevicePool devices_;
  std::unique_ptr<spool::Spool> spool_;
  std::optional<print::Manager> manager_;
  bool stopping_ = false;
};

}  // namespace ipm::simulation
