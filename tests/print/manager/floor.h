#pragma once
// A manager with a real spool, two threads of Asio, a clock that the test sets, and devices whose
// every answer the test decides.

#include <array>
#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "base/error.h"
#include "base/files.h"
#include "print/manager.h"
#include "temporary_folder.h"
#include "wait_until.h"

namespace ipm::print::test {

namespace asio = boost::asio;

// What a device does with the next job.
struct Answer {
  output::Outcome outcome = output::Outcome::Delivered;
  std::string text = "done";
  bool may_be_there = false;
  bool hang = false;                               // until it is cancelled or stopped
  std::shared_ptr<std::atomic<bool>> gate;         // or until this is true: then the outcome above
  std::optional<output::DeviceJob> accepts;        // says so first,
  std::shared_ptr<std::atomic<bool>> accept_gate;  // but not before this is true
  std::string waiting;                             // reports this first
};

// What a device was asked to print.
struct Asked {
  int job = 0;
  output::Earlier earlier;
  std::string content;
  ipp::AttributeList secrets = {};
};

// A device: answers come from a list, then it delivers everything.
class FakeDevice {
 public:
  void will(Answer answer) {
    const std::lock_guard lock(mutex_);
    answers_.push_back(std::move(answer));
  }
  std::vector<Asked> asked() const {
    const std::lock_guard lock(mutex_);
    return asked_;
  }
  std::vector<int> jobs() const {
    std::vector<int> ids;
    for (const auto& one : asked()) ids.push_back(one.job);
    return ids;
  }
  std::size_t count() const { return asked().size(); }

  std::atomic<bool> refuses_accepted{false};  // accepted() failed for the last one that said so
  std::atomic<int> made{0};                   // drivers
  std::atomic<bool> cannot_be_made{false};
  std::atomic<int> described{0};
  std::atomic<bool> is_silent{false};  // when it is asked what it can do
  std::atomic<int> cancels{0};
  std::atomic<int> stops{0};
  std::optional<output::DeviceDescription> description;  // set before it is added
  std::string describe_failure;                          // likewise

 private:
  friend class FakeDriver;
  Answer take(Asked asked) {
    const std::lock_guard lock(mutex_);
    asked_.push_back(std::move(asked));
    if (answers_.empty()) return {};
    Answer answer = std::move(answers_.front());
    answers_.pop_front();
    return answer;
  }

  mutable std::mutex mutex_;
  std::deque<Answer> answers_;
  std::vector<Asked> asked_;
};

class FakeDriver final : public output::Driver {
 public:
  explicit FakeDriver(FakeDevice& device) : device_(device) {}

  asio::awaitable<output::Result> deliver(const output::Assignment& assignment,
                                          output::Cancellation& cancellation,
                                          const output::Progress& progress) const override {
    Asked asked{assignment.job_id, assignment.earlier, {}, assignment.operation_attributes};
    for (const auto& document : assignment.documents) asked.content += read(document);
    const Answer answer = device_.take(std::move(asked));
    output::Result result;
    result.outcome = answer.outcome;
    result.text = answer.text;
    result.may_be_there = answer.may_be_there;
    asio::steady_timer timer(co_await asio::this_coro::executor);
    while (answer.accept_gate && !*answer.accept_gate) {
      timer.expires_after(std::chrono::milliseconds(1));
      co_await timer.async_wait(asio::use_awaitable);
    }
    if (answer.accepts) {
      std::optional<std::string> failure;
      try {
        co_await progress.accepted(*answer.accepts);
      } catch (const Error& error) {
        failure = error.happened();
      }
      if (failure) {
        device_.refuses_accepted = true;
        result.outcome = output::Outcome::DeviceAway;
        co_return result;
      }
    }
    if (!answer.waiting.empty()) progress.waiting(answer.waiting, {"media-empty"});
    if (!answer.hang && !answer.gate) co_return result;
    while (!cancellation.requested()) {
      if (answer.gate && *answer.gate) co_return result;
      timer.expires_after(std::chrono::milliseconds(1));
      co_await timer.async_wait(asio::use_awaitable);
    }
    ++(cancellation.canceled() ? device_.cancels : device_.stops);
    result.outcome = cancellation.canceled() ? output::Outcome::Canceled : output::Outcome::Left;
    co_return result;
  }

  asio::awaitable<std::optional<output::DeviceDescription>> describe(
      output::Cancellation&) const override {
    ++device_.described;
    if (device_.is_silent) throw Error(Message::ConnectionFailed, "no answer", "an answer");
    if (!device_.describe_failure.empty())
      throw Error(Message::DeliveryFailed, device_.describe_failure, "an answer");
    co_return device_.description;
  }

 private:
  static std::string read(const output::Document& document) {
    const auto source = document.open();
    std::string all;
    std::array<unsigned char, 4096> piece{};
    while (const auto got = source->read(piece)) all.append(piece.begin(), piece.begin() + got);
    return all;
  }

  FakeDevice& device_;
};

using ipm::test::wait_until;

// Devices are found by the host of their address, "fake" when it is a file.
class Floor {
 public:
  Floor() : log_({folder / "error.log", false}) { open(); }
  ~Floor() {
    close();
    guard_.clear();
    for (auto& context : contexts_) context.stop();
    for (auto& thread : threads_) thread.join();
  }

  void reopen() {
    close();
    open();
  }
  // As kill -9: nothing is settled any more, what is durable stays.
  void crash() {
    for (auto& context : contexts_) context.stop();
    for (auto& thread : threads_) thread.join();
    threads_.clear();
    manager_.reset();
    spool_->flush();
    spool_.reset();
    for (auto& context : contexts_) context.restart();
    open();
  }

  void add(const std::string& name, ErrorPolicy policy = {}, std::string uri = {}) {
    DestinationOrder order;
    order.name = name;
    order.device_uri = uri.empty() ? "ipp://" + name + ".test/ipp/print" : std::move(uri);
    order.policy = policy;
    await(manager_->add_printer(std::move(order)));
  }
  FakeDevice& device(const std::string& name) {
    const std::lock_guard lock(mutex_);
    return devices_[name];
  }

  spool::NewDocument document(const std::string& content) {
    auto writer = manager_->new_document(content.size());
    writer.append(content);
    spool::NewDocument document;
    document.info.format = "text/plain";
    document.info.name = "text";
    document.document = writer.finish();
    return document;
  }
  Job draft(const std::string& printer) {
    Job job = manager_->draft(printer);
    job.name = "report";
    return job;
  }
  int print(const std::string& printer, const std::string& content = "text to print") {
    std::vector<spool::NewDocument> documents;
    documents.push_back(document(content));
    return await(manager_->submit(draft(printer), std::move(documents)))->id;
  }
  int create(const std::string& printer) {
    Job job = draft(printer);
    job.incoming = true;
    return await(manager_->submit(std::move(job), {}))->id;
  }
  Job job(int id) {
    const auto found = await(manager_->find_job(id));
    if (!found) throw std::runtime_error("no such job");
    return *found;
  }
  Job wait_for(int id, ipp::JobState state) {
    wait_until([&] { return job(id).state == state; });
    return job(id);
  }

  template <class T>
  T await(asio::awaitable<T> work) {
    return asio::co_spawn(contexts_[0], std::move(work), asio::use_future).get();
  }
  // The number of the message that refuses it.
  template <class T>
  std::optional<Error> refused(asio::awaitable<T> work) {
    try {
      await(std::move(work));
    } catch (const Error& error) {
      return error;
    }
    return std::nullopt;
  }

  void pass(std::chrono::seconds time) {
    now_ = now_.load() + time.count();
    manager_->tend();
  }
  std::string logged() const { return read_file(folder / "error.log"); }

  Manager& manager() { return *manager_; }
  spool::Spool& spool() { return *spool_; }
  void forget_manager() { close(); }

  ipm::test::TemporaryFolder folder;
  std::size_t history_jobs_max = 10'000;
  std::atomic<int> made_on_intake{0};  // drivers, where none may hang
  Limits limits{.stop_wait = std::chrono::seconds{20}};

 private:
  void open() {
    if (threads_.empty()) {
      guard_.clear();
      for (auto& context : contexts_) guard_.emplace_back(context.get_executor());
      for (auto& context : contexts_) threads_.emplace_back([&context] { context.run(); });
    }
    const auto clock = [this] { return TimePoint{std::chrono::seconds{now_.load()}}; };
    spool::Options options;
    options.database = folder / "spool/spool.db";
    options.documents = folder / "spool/documents";
    options.limits.history_jobs_max = history_jobs_max;
    options.clock = clock;
    spool_ = spool::Spool::open(options, log_);
    ManagerOptions wanted;
    wanted.contexts = {&contexts_[0], &contexts_[1]};
    wanted.pool = pool_.get_executor();
    wanted.environment.pool = pool_.get_executor();
    wanted.environment.devices = &device_threads_;
    wanted.clock = clock;
    wanted.monotonic = [this] {
      return os::SteadyClock::time_point{std::chrono::seconds{now_.load()}};
    };
    wanted.fill_random = [](std::span<unsigned char> bytes) {
      for (auto& byte : bytes) byte = 7;
    };
    wanted.make_driver = [this](const Uri& uri, const output::DeviceSettings&,
                                const output::Environment&) -> std::unique_ptr<output::Driver> {
      const std::string name = uri.host.empty() ? "fake" : uri.host.substr(0, uri.host.find('.'));
      FakeDevice& found = device(name);
      if (found.cannot_be_made) {
        throw Error(Message::DeviceUriUnsupported, "the folder is gone", "a folder");
      }
      ++found.made;
      if (pool_.get_executor().running_in_this_thread()) ++made_on_intake;
      return std::make_unique<FakeDriver>(found);
    };
    wanted.limits = limits;
    manager_.emplace(std::move(wanted), *spool_, log_);
    manager_->load(spool_->load());
    manager_->start();
  }
  void close() {
    if (!manager_) return;
    await(manager_->stop());
    manager_.reset();
    spool_.reset();
  }

  Log log_;
  std::atomic<std::int64_t> now_{1'900'000'000};
  std::mutex mutex_;
  std::map<std::string, FakeDevice> devices_;
  asio::thread_pool pool_{2};
  output::DevicePool device_threads_;
  std::array<asio::io_context, 2> contexts_;
  std::vector<asio::executor_work_guard<asio::io_context::executor_type>> guard_;
  std::vector<std::thread> threads_;
  std::unique_ptr<spool::Spool> spool_;
  std::optional<Manager> manager_;
};

}  // namespace ipm::print::test
