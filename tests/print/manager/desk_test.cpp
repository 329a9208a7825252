// What happens between a deliverer and the desk while the disk writes, step by step.
#include "print/manager/desk.h"

#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <future>
#include <memory>
#include <string>
#include <utility>

#include "print/manager/changes.h"
#include "temporary_folder.h"
#include "wait_until.h"

namespace ipm::print {
namespace asio = boost::asio;
namespace {

using ipm::test::wait_until;
using ipp::JobState;

constexpr std::uint64_t kVersion = 2;

// A destination "office" with its device, and nobody who prints.
class Site {
 public:
  Site() {
    spool::Options options;
    options.database = folder_ / "spool/spool.db";
    options.documents = folder_ / "spool/documents";
    spool_ = spool::Spool::open(options, log_);
    static_cast<void>(spool_->load());
    ManagerOptions wanted;
    wanted.pool = pool_.get_executor();
    wanted.fill_random = [](std::span<unsigned char> bytes) {
      for (auto& byte : bytes) byte = 7;
    };
    state_ = std::make_shared<ManagerState>(std::move(wanted), *spool_, log_);
    apply(state_->topology,
          add_destination(state_->topology, {"office", "ipp://office.test/", "", ""}, "urn:uuid:1",
                          TimePoint{}));
    state_->devices["office"].version = kVersion;
  }

  // With a document that nobody reads.
  Job job(int id) const {
    Job job;
    job.id = id;
    job.destination = "office";
    job.name = "report";
    job.owner = {access::OwnerKind::Claimed, {}, "alice"};
    job.documents.push_back({1, "text", "text/plain", 4});
    return job;
  }
  // On the disk too.
  int submit() {
    const int id = static_cast<int>(spool_->next_job_id());
    auto writer = spool_->new_document(4);
    writer.append("text");
    std::vector<spool::NewDocument> documents(1);
    documents.front().info.number = 1;
    documents.front().info.format = "text/plain";
    documents.front().document = writer.finish();
    Changes changes;
    changes.add_new(job(id), std::move(documents));
    hand_in(std::move(changes));
    return id;
  }
  // Waits until the disk has decided.
  void hand_in(Changes changes) {
    {
      const std::lock_guard lock(state_->mutex);
      static_cast<void>(state_->hand_in(std::move(changes)));
    }
    spool_->flush();
  }
  void change(int id, const JobEvent& event) {
    Changes changes;
    changes.add(apply(*known(id), event, TimePoint{}));
    hand_in(std::move(changes));
  }
  JobPtr known(int id) const {
    const std::lock_guard lock(state_->mutex);
    return state_->jobs.find(id);
  }

  ManagerState& state() { return *state_; }
  spool::Spool& spool() { return *spool_; }
  std::shared_ptr<DeliveryDesk> desk() { return make_desk(state_); }

 private:
  ipm::test::TemporaryFolder folder_;
  Log log_{{{}, false}};
  asio::thread_pool pool_{1};
  std::unique_ptr<spool::Spool> spool_;
  std::shared_ptr<ManagerState> state_;
};

TEST(Desk, ACancelThatIsDurableBeforeTheDeviceHasTheJobIsNotLost) {
  Site site;
  const int id = site.submit();
  const auto desk = site.desk();
  asio::io_context context;
  auto turn = asio::co_spawn(context, desk->take("office", kVersion), asio::use_future);
  // It is handed in, and its thread does something else.
  context.poll();
  site.spool().flush();
  ASSERT_EQ(site.known(id)->state, JobState::Processing);
  site.change(id, job_event::Cancel{"canceled by alice"});
  ASSERT_TRUE(site.known(id)->cancel_wanted);
  context.run();
  const auto taken = turn.get();
  ASSERT_TRUE(taken.assignment);
  EXPECT_TRUE(taken.canceled);
}

TEST(Desk, ADriverForSettingsThatHoldNoLongerGetsNothing) {
  Site site;
  const int id = site.submit();
  const auto desk = site.desk();
  asio::io_context context;
  auto turn = asio::co_spawn(context, desk->take("office", kVersion - 1), asio::use_future);
  context.run();
  const auto taken = turn.get();
  EXPECT_FALSE(taken.assignment);
  EXPECT_TRUE(taken.look_again) << "its deliverer makes another driver and asks again";
  EXPECT_EQ(site.known(id)->state, JobState::Pending);
}

// Counts how often its device looks for work; there is none.
class IdleDesk final : public DeliveryDesk {
 public:
  std::optional<std::uint64_t> version(std::string_view) const override { return kVersion; }
  std::unique_ptr<output::Driver> make_driver(std::string_view) const override {
    class Nothing final : public output::Driver {
      asio::awaitable<output::Result> deliver(const output::Assignment&, output::Cancellation&,
                                              const output::Progress&) const override {
        co_return output::Result{};
      }
      asio::awaitable<std::optional<output::DeviceDescription>> describe(
          output::Cancellation&) const override {
        co_return std::nullopt;
      }
    };
    return std::make_unique<Nothing>();
  }
  Time absent(std::string_view, const std::string&) override { return {}; }
  void ready(std::string_view) override {}
  asio::awaitable<Turn> take(std::string, std::uint64_t) override {
    ++looks;
    co_return Turn{};
  }
  asio::awaitable<void> accepted(std::string, int, output::DeviceJob) override { co_return; }
  asio::awaitable<std::optional<Turn>> settle(std::string, int, output::Result,
                                              std::uint64_t) override {
    co_return Turn{};
  }
  void report(std::string_view, int, std::string_view, std::vector<std::string>) override {}
  asio::awaitable<void> described(std::string, std::uint64_t,
                                  std::optional<output::DeviceDescription>) override {
    co_return;
  }
  void not_described(std::string_view, std::uint64_t, const std::string&) override {}

  std::atomic<int> looks{0};
};

TEST(Desk, ADeviceThatLookedDuringARefusedChangeLooksAgain) {
  asio::io_context context;
  output::DevicePool pool;
  Site site;  // It goes first, and the deliverer with it.
  const auto idle = std::make_shared<IdleDesk>();
  Deliverer::Options options;
  options.device = "office";
  options.context = &context;
  options.devices = &pool;
  options.monotonic = os::SteadyClock::now;
  options.failed = [](std::exception_ptr) {};
  const auto deliverer = std::make_shared<Deliverer>(std::move(options), idle);
  deliverer->start();
  std::jthread thread([&] { context.run(); });
  wait_until([&] { return idle->looks == 1; });
  {
    const std::lock_guard lock(site.state().mutex);
    // The disk does not know it, and refuses every change of it.
    site.state().jobs.put(std::make_shared<const Job>(site.job(4711)), "office");
    site.state().devices["office"].deliverer = deliverer;
  }
  site.change(4711, job_event::Hold{"indefinite"});
  EXPECT_EQ(site.known(4711)->state, JobState::Pending);
  wait_until([&] { return idle->looks >= 2; });
  deliverer->stop();
  pool.join();
}

}  // namespace
}  // namespace ipm::print
