#include "ipmd/io_threads.h"

namespace ipm::app {
namespace asio = boost::asio;

IoThreads::IoThreads(std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    contexts_.push_back(std::make_unique<asio::io_context>(1));
    guards_.emplace_back(contexts_.back()->get_executor());
  }
}

IoThreads::~IoThreads() {
  stop();
  join();
}

std::vector<asio::io_context*> IoThreads::contexts() const {
  std::vector<asio::io_context*> all;
  for (const auto& context : contexts_) all.push_back(context.get());
  return all;
}

void IoThreads::run() {
  for (std::size_t i = 1; i < contexts_.size(); ++i) {
    threads_.emplace_back([context = contexts_[i].get()] { context->run(); });
  }
  contexts_.front()->run();
}

void IoThreads::stop() {
  for (const auto& context : contexts_) context->stop();
}

void IoThreads::join() {
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

}  // namespace ipm::app
