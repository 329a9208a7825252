#include "spool/pace.h"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

namespace ipm::spool {
namespace {

class OwnThread final : public Pace {
 public:
  explicit OwnThread(Work work) : work_(std::move(work)), thread_([this] { run(); }) {}
  ~OwnThread() override { OwnThread::join(); }

  void join() override {
    if (thread_.joinable()) thread_.join();
  }

  void wake() override {
    if (woken_.exchange(true))
      return;  // Whoever was first has said it, and nobody has slept since.
    // Not between the sleeper's last look and its sleep.
    {
      const std::lock_guard lock(mutex_);
    }
    news_.notify_one();
  }

 private:
  void run() {
    bool undisturbed = false;
    while (const auto rest = work_(undisturbed)) {
      if (rest->until_woken) {
        std::unique_lock lock(mutex_);
        undisturbed = !news_.wait_for(lock, rest->time, [this] { return woken_.load(); }) &&
                      rest->time.count() > 0;
        woken_ = false;
      } else {
        std::this_thread::sleep_for(rest->time);
        undisturbed = true;
      }
    }
  }

  Work work_;
  std::atomic<bool> woken_{false};
  std::mutex mutex_;
  std::condition_variable news_;
  std::thread thread_;  // Last: it uses all of the above.
};

}  // namespace

std::unique_ptr<Pace> make_pace(Work work) {
  return std::make_unique<OwnThread>(std::move(work));
}

}  // namespace ipm::spool
