#include "spool/sqlite/log_copier.h"

#include "base/error.h"

namespace ipm::spool::sqlite {

LogCopier::LogCopier(const sql::Options& options) : database_(options) {}

LogCopier::~LogCopier() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void LogCopier::begin() {
  if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
  {
    const std::lock_guard lock(mutex_);
    wanted_ = true;
  }
  wake_.notify_one();
}

void LogCopier::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return wanted_ || ending_; });
    if (ending_) return;
    lock.unlock();
    try {
      database_.checkpoint();
    } catch (const Error&) {  // The writer meets the same disk, and says so to those concerned.
    }
    lock.lock();
    wanted_ = false;
    done_ = true;
  }
}

}  // namespace ipm::spool::sqlite
