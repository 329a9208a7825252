#pragma once
// A whole print manager without a network: a spool in a temporary folder, one thread of Asio, and
// requests handed straight to the service.

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>
#include <chrono>
#include <functional>
#include <future>
#include <optional>
#include <string>
#include <thread>

#include "http/request.h"
#include "ipp/codec.h"
#include "ipp/message.h"
#include "pki/certificate_builder.h"
#include "pki/key.h"
#include "pki/random.h"
#include "print/manager.h"
#include "print/service.h"
#include "temporary_folder.h"
#include "wait_until.h"

namespace ipm::print::test {

using ipm::test::wait_until;

// A body at hand, cut into pieces of any size.
class TextBody final : public http::RequestBody {
 public:
  TextBody(std::string bytes, std::size_t piece) : bytes_(std::move(bytes)), piece_(piece) {}

  boost::asio::awaitable<std::size_t> read_some(std::span<unsigned char> into) override {
    const std::size_t count = std::min({into.size(), piece_, bytes_.size() - read_});
    std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(read_), count, into.begin());
    read_ += count;
    co_return count;
  }
  std::optional<std::uint64_t> content_length() const override { return std::nullopt; }
  std::uint64_t bytes_read() const override { return read_; }

 private:
  std::string bytes_;
  std::size_t piece_;
  std::size_t read_ = 0;
};

class House {
 public:
  explicit House(std::function<void(ServiceOptions&)> adjust = {},
                 std::function<void(ManagerOptions&)> adjust_manager = {})
      : adjust_manager_(std::move(adjust_manager)), log_({folder / "error.log", false}) {
    std::filesystem::create_directories(folder / "out");
    options_.authority = "print.test:631";
    options_.own_uid = 4711;
    if (adjust) adjust(options_);
    open();
    thread_ = std::jthread([this] { context_.run(); });
  }
  ~House() {
    close();
    context_.stop();
  }

  // As a stop and a new start of the server, with the same spool.
  void reopen() {
    close();
    open();
  }

  void add_printer(const std::string& name, std::string device = {}) {
    if (device.empty()) device = "file://" + (folder / "out").string() + "/";
    await(manager_->add_printer({name, std::move(device), "", ""}));
  }

  // The request of an unproven "alice", or of whoever become() says.
  ipp::Message ask(const ipp::Message& request, std::string document = {},
                   std::size_t piece = 1 << 20) {
    const auto response = send(ipp::encode(request) + document, piece);
    EXPECT_EQ(response.status, 200);
    return ipp::decode(response.body).message;
  }
  http::Response send(std::string bytes, std::size_t piece = 1 << 20) {
    http::RequestHead head;
    head.method = http::Method::Post;
    head.target = "/ipp/print";
    head.headers.add("Content-Type", "application/ipp");
    TextBody body(std::move(bytes), piece);
    http::Request request{head,
                          body,
                          "192.0.2.7:4711",
                          false,
                          peer_ ? &*peer_ : nullptr,
                          local_ ? &*local_ : nullptr,
                          context_.get_executor()};
    auto response = await(service_->handle(request));
    while (response.producer) {
      const auto next = await(response.producer());
      if (next.empty()) response.producer = {};
      response.body.append(next.begin(), next.end());
      ++pieces;
    }
    return response;
  }

  void become(std::optional<os::LocalUser> whom) {
    local_ = std::move(whom);
    peer_.reset();
  }
  // A certificate of that name, signed by the CA of that number.
  void become_certified(const std::string& name, unsigned char ca) {
    local_.reset();
    peer_.emplace(tls::Peer{name, certificate_of(name), {}, {ca}});
  }
  void become_administrator() { become(os::LocalUser{0, 0, "root"}); }

  ipp::Message request(ipp::Operation operation, const std::string& printer = "office") {
    auto message = ipp::Message::request(operation, 1);
    message.groups.front().add_uri("printer-uri", "ipp://print.test/ipp/print/" + printer);
    message.groups.front().add_name("requesting-user-name", user);
    return message;
  }
  ipp::Message job_request(ipp::Operation operation, int job,
                           const std::string& printer = "office") {
    auto message = request(operation, printer);
    message.groups.front().add_integer("job-id", job);
    return message;
  }
  int print(const std::string& document = "%PDF-1.4 test") {
    const auto reply = ask(request(ipp::Operation::PrintJob), document);
    EXPECT_TRUE(ipp::is_successful(reply.status())) << ipp::status_name(reply.status());
    const auto* job = reply.find_group(ipp::GroupTag::Job);
    return job == nullptr ? 0 : job->find_integer("job-id").value_or(0);
  }
  JobPtr job(int id) { return await(manager_->find_job(id)); }
  Job wait_for(int job, ipp::JobState state) {
    JobPtr found;
    wait_until([&] {
      found = this->job(job);
      return found && found->state == state;
    });
    return *found;
  }

  template <class T>
  std::future<T> begin(boost::asio::awaitable<T> work) {
    return boost::asio::co_spawn(context_, std::move(work), boost::asio::use_future);
  }
  // What `work` returns; while it runs, nothing is done on the pool.
  template <class Work>
  auto while_the_pool_is_busy(Work work) {
    std::promise<void> over;
    const auto waits = over.get_future().share();
    for (int thread = 0; thread < kPoolThreads; ++thread) {
      boost::asio::post(pool_, [waits] { waits.wait(); });
    }
    auto result = work();
    over.set_value();
    return result;
  }

  Manager& manager() { return *manager_; }
  Service& service() { return *service_; }
  template <class T>
  T await(boost::asio::awaitable<T> work) {
    return boost::asio::co_spawn(context_, std::move(work), boost::asio::use_future).get();
  }

  ipm::test::TemporaryFolder folder;
  std::string user = "alice";
  int pieces = 0;  // in which replies came that were too long for one

 private:
  static pki::Certificate certificate_of(const std::string& name) {
    const auto key = pki::PrivateKey::generate(pki::KeyKind::P256);
    pki::CertificateBuilder builder(key.public_key(), {1});
    builder.set_validity(TimePoint(std::chrono::seconds(1'700'000'000)),
                         TimePoint(std::chrono::seconds(2'000'000'000)));
    builder.set_subject(name);
    builder.set_self_issued();
    return builder.sign(key);
  }
  void open() {
    spool::Options options;
    options.database = folder / "spool/spool.db";
    options.documents = folder / "spool/documents";
    spool_ = spool::Spool::open(options, log_);
    ManagerOptions manager_options;
    manager_options.contexts = {&context_};
    manager_options.pool = pool_.get_executor();
    manager_options.environment.pool = pool_.get_executor();
    manager_options.environment.devices = &devices_;
    manager_options.fill_random = pki::fill_random;
    if (adjust_manager_) adjust_manager_(manager_options);
    manager_.emplace(std::move(manager_options), *spool_, log_);
    manager_->load(spool_->load());
    service_.emplace(*manager_, options_, log_);
    manager_->start();
  }
  void close() {
    await(manager_->stop());
    service_.reset();
    manager_.reset();
    spool_.reset();
  }

  std::function<void(ManagerOptions&)> adjust_manager_;
  Log log_;
  ServiceOptions options_;
  static constexpr int kPoolThreads = 2;
  boost::asio::thread_pool pool_{kPoolThreads};
  output::DevicePool devices_;
  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard_{
      context_.get_executor()};
  std::unique_ptr<spool::Spool> spool_;
  std::optional<Manager> manager_;
  std::optional<Service> service_;
  std::optional<os::LocalUser> local_;
  std::optional<tls::Peer> peer_;
  std::jthread thread_;
};

}  // namespace ipm::print::test
