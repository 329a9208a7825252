#include "output/device_pool.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <condition_variable>
#include <deque>
#include <functional>
#include <iterator>
#include <list>
#include <map>
#include <mutex>
#include <system_error>
#include <thread>

namespace ipm::output {

struct DevicePool::State {
  struct Task {
    std::string name;
    std::function<void()> job;
  };
  struct Running {
    std::string name;
    Clock::time_point since;
  };
  struct Lane {  // one file system
    std::list<Running> running;
    std::deque<Task> waiting;
  };
  using Lanes = std::map<std::string, Lane>;

  void offer(Lanes::iterator lane);
  void work();

  Options options;
  mutable std::mutex mutex;
  std::condition_variable changed;
  Lanes lanes;                    // those with work
  std::deque<std::string> ready;  // a lane for each task that may begin when a thread is free
  std::vector<std::thread> threads;
  std::size_t idle = 0;
  bool ending = false;
};

DevicePool::DevicePool() : DevicePool(Options{}) {}

DevicePool::DevicePool(Options options) : state_(std::make_unique<State>()) {
  state_->options = options;
}

DevicePool::~DevicePool() {
  join();
}

void DevicePool::join() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->ending = true;
  }
  state_->changed.notify_all();
  for (std::thread& thread : state_->threads) thread.join();
  state_->threads.clear();
}

// With the lock held: the lane's next task is put in the line for a thread, if it may run.
void DevicePool::State::offer(Lanes::iterator lane) {
  const auto in_line = static_cast<std::size_t>(std::ranges::count(ready, lane->first));
  const std::size_t taken = lane->second.running.size() + in_line;
  if (taken < options.per_file_system && in_line < lane->second.waiting.size()) {
    ready.push_back(lane->first);
  }
}

void DevicePool::State::work() {
  std::unique_lock lock(mutex);
  for (;;) {
    ++idle;
    changed.wait(lock, [this] { return ending || !ready.empty(); });
    --idle;
    if (ready.empty()) return;
    const auto lane = lanes.find(ready.front());  // stays while it has work
    ready.pop_front();
    Task task = std::move(lane->second.waiting.front());
    lane->second.waiting.pop_front();
    auto& running = lane->second.running;
    running.push_back({std::move(task.name), Clock::now()});
    const auto self = std::prev(running.end());
    lock.unlock();
    task.job();
    task.job = nullptr;  // what it owns goes before anybody learns that it has ended
    lock.lock();
    running.erase(self);
    if (running.empty() && lane->second.waiting.empty()) {
      lanes.erase(lane);
    } else {
      offer(lane);
    }
  }
}

void DevicePool::submit(Place place, std::function<void()> job) {
  if (state_->options.instead) return boost::asio::post(state_->options.instead, std::move(job));
  const std::lock_guard lock(state_->mutex);
  const auto lane = state_->lanes.try_emplace(std::move(place.file_system)).first;
  lane->second.waiting.push_back({std::move(place.name), std::move(job)});
  state_->offer(lane);
  if (state_->ready.size() > state_->idle && state_->threads.size() < state_->options.threads) {
    try {
      state_->threads.emplace_back([state = state_.get()] { state->work(); });
    } catch (const std::system_error&) {
      // No more threads on this machine: the ones that there are take it, or those to come.
    }
  }
  state_->changed.notify_one();
}

std::vector<DevicePool::Busy> DevicePool::busy(Clock::duration at_least) const {
  const auto now = Clock::now();
  std::vector<Busy> all;
  {
    const std::lock_guard lock(state_->mutex);
    for (const auto& [file_system, lane] : state_->lanes) {
      for (const State::Running& one : lane.running) {
        if (now - one.since >= at_least) {
          all.push_back({one.name, now - one.since, lane.waiting.size()});
        }
      }
    }
  }
  std::ranges::sort(all, std::ranges::greater{}, &Busy::running);
  return all;
}

std::size_t DevicePool::load() const {
  std::size_t sum = 0;
  const std::lock_guard lock(state_->mutex);
  for (const auto& [file_system, lane] : state_->lanes) {
    sum += lane.running.size() + lane.waiting.size();
  }
  return sum;
}

}  // namespace ipm::output
