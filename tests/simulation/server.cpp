#include "server.h"

#include <boost/asio/co_spawn.hpp>
#include <chrono>
#include <utility>

#include "in_turn.h"
#include "spool/sqlite/engine.h"

namespace ipm::simulation {
namespace {

// Small, so that both kinds of documents are met in a short life.
constexpr std::size_t kInlineBytes = 1000;

std::unique_ptr<spool::Engine> engine_on(const Ground& ground, const spool::Limits& limits,
                                         const Log& log) {
  if (ground.memory) return std::make_unique<spool::memory::MemoryEngine>(ground.memory, limits);
  const spool::sqlite::Places places{ground.disk.spool() / "spool.db",
                                     ground.disk.spool() / "documents", ground.disk.durability()};
  return std::make_unique<spool::sqlite::SqliteEngine>(places, limits, log);
}

}  // namespace

Server::Server(Timeline& timeline, const Ground& ground, Dice& dice, const Log& log)
    : timeline_(timeline), devices_({1, 1, context_.get_executor()}) {
  spool::Options options;
  options.limits.inline_bytes_max = kInlineBytes;
  options.limits.reserve_bytes = 0;
  let_writers_work_in(context_);
  spool_ = spool::Spool::open(engine_on(ground, options.limits, log), options, log);
  print::ManagerOptions wanted;
  wanted.contexts = {&context_};
  wanted.pool = context_.get_executor();
  wanted.environment.pool = context_.get_executor();
  wanted.environment.devices = &devices_;
  wanted.environment.network = &ground.network;
  wanted.fill_random = [&dice](std::span<unsigned char> bytes) { dice.fill(bytes); };
  manager_.emplace(std::move(wanted), *spool_, log);
  manager_->load(spool_->load());
  timeline_.add(context_);
  manager_->start();
}

// What waits for the disk is decided before the coroutines that wait for it go.
Server::~Server() {
  manager_.reset();
  spool_.reset();
  timeline_.remove(context_);
}

bool Server::stop() {
  stopping_ = true;
  bool ended = false;
  boost::asio::co_spawn(context_, manager_->stop(),
                        [&ended](const std::exception_ptr&) { ended = true; });
  return timeline_.run_until_done([&ended] { return ended; }, std::chrono::seconds(20));
}

}  // namespace ipm::simulation
