#pragma once
// An IPP printer on loopback that keeps jobs like a real one, and misbehaves where a test says so.

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <condition_variable>
#include <functional>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "ipp/codec.h"
#include "ipp/message.h"

namespace ipm::output::test {

class FakeIppPrinter {
  using tcp = boost::asio::ip::tcp;

 public:
  struct Job {
    std::int32_t id = 0;
    std::string name;
    std::string user;
    ipp::JobState state = ipp::JobState::Processing;
    std::vector<std::string> reasons = {};
    std::vector<std::string> documents = {};
    bool incoming = false;
    std::int32_t created = 0;
  };
  struct Asked {
    ipp::Operation operation;
    ipp::Message message;
    std::string head;
    std::string document;
    int nth = 1;  // of this operation
  };
  // What is done instead of the usual answer.
  struct Reaction {
    enum class Kind { Raw, Lost, Silent } kind = Kind::Raw;
    std::string bytes;
  };
  using Rule = std::function<std::optional<Reaction>(const Asked&)>;

  // Of one that knows no Create-Job and names no operations: `modern` false.
  explicit FakeIppPrinter(bool modern = true)
      : modern_(modern),
        acceptor_(context_, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0)) {
    acceptor_thread_ = std::thread([this] { accept(); });
  }
  ~FakeIppPrinter() {
    stopping_ = true;
    boost::system::error_code ignored;
    tcp::socket(context_).connect(acceptor_.local_endpoint(), ignored);
    acceptor_thread_.join();
    {
      const std::lock_guard lock(mutex_);
      released_.notify_all();
      for (auto& one : connections_) one.socket.shutdown(tcp::socket::shutdown_both, ignored);
    }
    for (auto& one : connections_) one.thread.join();
  }
  std::string uri() const {
    return "ipp://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port()) + "/ipp/print";
  }

  // Before a request's usual treatment; nothing: that.
  void rule(Rule rule) {
    const std::lock_guard lock(mutex_);
    rules_.push_back(std::move(rule));
  }
  void answer_status(ipp::Operation operation, ipp::Status status) {
    rule([=](const Asked& asked) -> std::optional<Reaction> {
      if (asked.operation != operation) return std::nullopt;
      return reply(ipp::Message::reply(status, asked.message.header));
    });
  }
  // Resets the connection after so many bytes of that request's body, `times` times.
  void break_within(ipp::Operation operation, std::size_t bytes, int times = 1) {
    broken_operation_ = operation;
    broken_after_ = bytes;
    broken_times_ = times;
  }

  static Reaction reply(const ipp::Message& message) {
    const std::string body = ipp::encode(message);
    return {Reaction::Kind::Raw,
            "HTTP/1.1 200 OK\r\nContent-Type: application/ipp\r\nContent-Length: " +
                std::to_string(body.size()) + "\r\n\r\n" + body};
  }
  static Reaction http(const std::string& status_and_fields) {
    return {Reaction::Kind::Raw, "HTTP/1.1 " + status_and_fields + "\r\nContent-Length: 0\r\n\r\n"};
  }
  static Reaction lost() { return {Reaction::Kind::Lost, {}}; }
  static Reaction silent() { return {Reaction::Kind::Silent, {}}; }

  int count(ipp::Operation operation) {
    const std::lock_guard lock(mutex_);
    int count = 0;
    for (const auto& one : asked_) count += one.operation == operation ? 1 : 0;
    return count;
  }
  std::vector<Asked> asked() {
    const std::lock_guard lock(mutex_);
    return asked_;
  }
  std::vector<Asked> asked(ipp::Operation operation) {
    std::vector<Asked> some;
    for (auto& one : asked()) {
      if (one.operation == operation) some.push_back(one);
    }
    return some;
  }
  std::map<std::int32_t, Job> jobs() {
    const std::lock_guard lock(mutex_);
    return jobs_;
  }
  // Documents that came whole and whose job was not ended otherwise.
  std::vector<std::string> printed() {
    std::vector<std::string> all;
    for (const auto& [id, job] : jobs()) {
      if (job.state == ipp::JobState::Completed)
        all.insert(all.end(), job.documents.begin(), job.documents.end());
    }
    return all;
  }
  std::int32_t put(Job job) {
    const std::lock_guard lock(mutex_);
    job.id = ++last_id_;
    jobs_[job.id] = job;
    return job.id;
  }
  void forget_all() {
    const std::lock_guard lock(mutex_);
    jobs_.clear();
  }
  // Jobs print at once, or stay as they are.
  void hold_jobs(bool hold) { holding_ = hold; }
  void finish(std::int32_t id, ipp::JobState state, std::vector<std::string> reasons = {}) {
    const std::lock_guard lock(mutex_);
    jobs_[id].state = state;
    jobs_[id].reasons = std::move(reasons);
  }
  ipp::AttributeList& attributes() { return attributes_; }  // before the first request
  std::int32_t up_time = 1'000;

 private:
  struct Connection {
    explicit Connection(boost::asio::io_context& context) : socket(context) {}
    tcp::socket socket;
    std::thread thread;
  };

  void accept() {
    while (true) {
      boost::system::error_code failed;
      tcp::socket socket(context_);
      acceptor_.accept(socket, failed);
      if (failed || stopping_) return;
      const std::lock_guard lock(mutex_);
      auto& one = connections_.emplace_back(context_);
      one.socket = std::move(socket);
      one.thread = std::thread([this, &one] { serve(one.socket); });
    }
  }

  void serve(tcp::socket& socket) {
    std::string buffer;
    std::array<char, 65536> piece{};
    boost::system::error_code ended;
    const auto more = [&] {
      const auto got = socket.read_some(boost::asio::buffer(piece), ended);
      buffer.append(piece.data(), got);
    };
    const auto close = [&] {
      boost::system::error_code ignored;
      socket.shutdown(tcp::socket::shutdown_both, ignored);
    };
    while (!ended) {
      while (!ended && buffer.find("\r\n\r\n") == std::string::npos) more();
      if (ended) return;
      const std::size_t begin = buffer.find("\r\n\r\n") + 4;
      const std::string head = buffer.substr(0, begin);
      buffer.erase(0, begin);
      if (head.find("100-continue") != std::string::npos) {
        if (refuse_expect) {
          boost::asio::write(socket, boost::asio::buffer(http("417 Expectation Failed").bytes),
                             ended);
          return close();
        }
        boost::asio::write(
            socket, boost::asio::buffer(std::string("HTTP/1.1 100 Continue\r\n\r\n")), ended);
      }
      const auto at = head.find("Content-Length: ");
      const std::size_t length = at == std::string::npos ? 0 : std::stoul(head.substr(at + 16));
      while (!ended && buffer.size() < std::min<std::size_t>(length, 8)) more();
      const auto code = buffer.size() < 8 ? 0
                                          : static_cast<unsigned char>(buffer[2]) * 256 +
                                                static_cast<unsigned char>(buffer[3]);
      if (static_cast<ipp::Operation>(code) == broken_operation_ && broken_times_ > 0) {
        --broken_times_;
        while (!ended && buffer.size() < broken_after_) more();
        boost::system::error_code ignored;
        socket.set_option(boost::asio::socket_base::linger(true, 0), ignored);
        socket.close(ignored);
        return;
      }
      while (!ended && buffer.size() < length) more();
      if (ended) return;
      const auto decoded = ipp::decode(buffer.substr(0, length));
      Asked asked{decoded.message.operation(), decoded.message, head,
                  buffer.substr(decoded.bytes, length - decoded.bytes)};
      buffer.erase(0, length);
      const auto reaction = treat(std::move(asked));
      if (reaction.kind == Reaction::Kind::Lost) return close();
      if (reaction.kind == Reaction::Kind::Silent) {
        std::unique_lock lock(mutex_);
        released_.wait(lock, [this] { return stopping_.load(); });
        return;
      }
      boost::asio::write(socket, boost::asio::buffer(reaction.bytes), ended);
    }
  }

  Reaction treat(Asked asked) {
    std::vector<Rule> rules;
    {
      const std::lock_guard lock(mutex_);
      for (const auto& one : asked_) asked.nth += one.operation == asked.operation ? 1 : 0;
      asked_.push_back(asked);
      rules = rules_;
    }
    const auto usual = [&] {
      const std::lock_guard lock(mutex_);
      return reply(answer(asked));
    };
    for (const auto& rule : rules) {
      if (auto reaction = rule(asked)) {
        // The reply is lost, not the work.
        if (reaction->kind != Reaction::Kind::Raw) usual();
        return *std::move(reaction);
      }
    }
    return usual();
  }

  void describe(ipp::Message& answer, const Job& job) const {
    auto& group = answer.add_group(ipp::GroupTag::Job);
    group.add_integer("job-id", job.id);
    group.add_name("job-name", job.name);
    group.add_name("job-originating-user-name", job.user);
    group.add_enum("job-state", static_cast<std::int32_t>(job.state));
    auto reasons = job.reasons;
    if (job.incoming) reasons.emplace_back("job-incoming");
    if (reasons.empty()) reasons.emplace_back("none");
    group.add_keywords("job-state-reasons", reasons);
    group.add_integer("time-at-creation", job.created);
    group.add_integer("job-printer-up-time", up_time);
    group.add_integer("job-impressions-completed", job.state == ipp::JobState::Completed ? 3 : 0);
    group.add_integer("number-of-documents", static_cast<std::int32_t>(job.documents.size()));
  }

  ipp::Message answer(const Asked& asked) {
    const auto& operation = asked.message.groups.front();
    const auto& header = asked.message.header;
    auto ok = ipp::Message::reply(ipp::Status::Ok, header);
    const auto find = [&]() -> Job* {
      const auto at = jobs_.find(operation.find_integer("job-id").value_or(0));
      return at == jobs_.end() ? nullptr : &at->second;
    };
    const auto missing = [&] { return ipp::Message::reply(ipp::Status::NotFound, header); };
    switch (asked.operation) {
      case ipp::Operation::GetPrinterAttributes: {
        auto& printer = ok.add_group(ipp::GroupTag::Printer);
        printer.add_integer("printer-up-time", up_time);
        if (modern_) {
          printer.add_integers("operations-supported", ipp::Tag::Enum, {2, 4, 5, 6, 8, 9, 10, 11});
          printer.add_boolean("multiple-document-jobs-supported", !one_document);
          if (makes_copies) printer.add_range("copies-supported", 1, 99);
        }
        for (const auto& attribute : attributes_.attributes) printer.add(attribute);
        return ok;
      }
      case ipp::Operation::PrintJob:
      case ipp::Operation::CreateJob: {
        Job job;
        job.id = ++last_id_;
        job.name = operation.find_text("job-name").value_or("");
        job.user = operation.find_text("requesting-user-name").value_or("");
        job.created = up_time;
        job.incoming = asked.operation == ipp::Operation::CreateJob;
        if (!job.incoming) job.documents.push_back(asked.document);
        if (!job.incoming && !holding_) job.state = ipp::JobState::Completed;
        if (job.incoming) job.state = ipp::JobState::Pending;
        jobs_[job.id] = job;
        const auto* asked_for = asked.message.find_group(ipp::GroupTag::Job);
        if (!makes_copies && asked_for != nullptr && asked_for->contains("copies")) {
          ok.header.code = 1;
          ok.add_group(ipp::GroupTag::Unsupported).add_integer("copies", 3);
        }
        describe(ok, job);
        return ok;
      }
      case ipp::Operation::SendDocument: {
        Job* job = find();
        if (job == nullptr) return missing();
        job->documents.push_back(asked.document);
        if (operation.find_boolean("last-document").value_or(false)) {
          job->incoming = false;
          job->state = holding_ ? ipp::JobState::Processing : ipp::JobState::Completed;
        }
        describe(ok, *job);
        return ok;
      }
      case ipp::Operation::GetJobAttributes: {
        const Job* job = find();
        if (job == nullptr) return missing();
        describe(ok, *job);
        return ok;
      }
      case ipp::Operation::GetJobs: {
        const bool completed = operation.find_text("which-jobs") == "completed";
        for (const auto& [id, job] : jobs_) {
          if (ipp::is_terminal(job.state) == completed) describe(ok, job);
        }
        return ok;
      }
      case ipp::Operation::CancelJob: {
        Job* job = find();
        if (job == nullptr) return missing();
        if (ipp::is_terminal(job->state))
          return ipp::Message::reply(ipp::Status::NotPossible, header);
        job->state = ipp::JobState::Canceled;
        return ok;
      }
      default:
        return ipp::Message::reply(ipp::Status::OperationNotSupported, header);
    }
  }

 public:
  // Before the first request.
  bool one_document = false;
  bool makes_copies = true;
  bool refuse_expect = false;

 private:
  bool modern_;
  std::atomic<bool> stopping_ = false;
  std::atomic<bool> holding_ = false;
  std::optional<ipp::Operation> broken_operation_;
  std::size_t broken_after_ = 0;
  std::atomic<int> broken_times_ = 0;
  ipp::AttributeList attributes_;
  boost::asio::io_context context_;
  tcp::acceptor acceptor_;
  std::mutex mutex_;
  std::condition_variable released_;
  std::vector<Rule> rules_;
  std::vector<Asked> asked_;
  std::map<std::int32_t, Job> jobs_;
  std::int32_t last_id_ = 0;
  std::list<Connection> connections_;
  std::thread acceptor_thread_;
};

}  // namespace ipm::output::test
