#pragma once
// A peer on a blocking socket that sends exactly the bytes a test wants, and a server to send them
// to.

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "base/files.h"
#include "http/server.h"
#include "temporary_folder.h"

namespace ipm::http {

inline constexpr std::chrono::milliseconds kPatience{10'000};

class RawPeer {
 public:
  // "127.0.0.1:40001"
  explicit RawPeer(const std::string& address)
      : RawPeer(FileHandle(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), address) {}
  RawPeer(FileHandle unconnected, const std::string& address) : socket_(std::move(unconnected)) {
    const auto colon = address.rfind(':');
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<std::uint16_t>(std::stoi(address.substr(colon + 1))));
    ::inet_pton(AF_INET, address.substr(0, colon).c_str(), &to.sin_addr);
    connect_to(reinterpret_cast<const sockaddr*>(&to), sizeof to);
  }
  explicit RawPeer(const std::filesystem::path& path) {
    sockaddr_un to{};
    to.sun_family = AF_UNIX;
    path.string().copy(to.sun_path, sizeof to.sun_path - 1);
    socket_ = FileHandle(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    connect_to(reinterpret_cast<const sockaddr*>(&to), sizeof to);
  }

  // False when the other side does not take it any more.
  bool send(const std::string& bytes) {
    std::size_t sent = 0;
    while (sent < bytes.size()) {
      const auto count =
          ::send(socket_.get(), bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
      if (count <= 0) return false;
      sent += static_cast<std::size_t>(count);
    }
    return true;
  }
  void end_writing() { ::shutdown(socket_.get(), SHUT_WR); }
  void close() { socket_.close(); }

  // Until `mark` has arrived; what came until then. Fails the test when it does not come.
  std::string read_until(const std::string& mark) {
    while (received_.find(mark) == std::string::npos) {
      if (!read_more()) {
        ADD_FAILURE() << "\"" << mark << "\" did not come, but: " << received_;
        return std::exchange(received_, {});
      }
    }
    const auto end = received_.find(mark) + mark.size();
    std::string result = received_.substr(0, end);
    received_.erase(0, end);
    return result;
  }
  // All until the other side closes.
  std::string read_to_end() {
    while (read_more()) {
    }
    return std::exchange(received_, {});
  }
  // Head and body of one answer that has a Content-Length.
  std::string read_answer() {
    std::string answer = read_until("\r\n\r\n");
    const auto at = answer.find("Content-Length: ");
    if (at == std::string::npos) return answer;
    const auto size = static_cast<std::size_t>(std::stoul(answer.substr(at + 16)));
    while (received_.size() < size && read_more()) {
    }
    answer += received_.substr(0, size);
    received_.erase(0, std::min(size, received_.size()));
    return answer;
  }
  // Whether anything comes within `wait`.
  bool has_news(std::chrono::milliseconds wait) {
    if (!received_.empty()) return true;
    pollfd one{static_cast<int>(socket_.get()), POLLIN, 0};
    return ::poll(&one, 1, static_cast<int>(wait.count())) != 0;
  }
  bool closed_by_peer() { return !read_more() && received_.empty(); }

 private:
  void connect_to(const sockaddr* to, socklen_t size) {
    if (::connect(socket_.get(), to, size) != 0) throw std::runtime_error("cannot connect");
  }
  bool read_more() {
    pollfd wait{static_cast<int>(socket_.get()), POLLIN, 0};
    if (::poll(&wait, 1, static_cast<int>(kPatience.count())) != 1) {
      ADD_FAILURE() << "nothing came in time";
      return false;
    }
    char bytes[4096];
    const auto count = ::recv(socket_.get(), bytes, sizeof bytes, 0);
    if (count <= 0) return false;
    received_.append(bytes, static_cast<std::size_t>(count));
    return true;
  }

  FileHandle socket_;
  std::string received_;
};

// A server on two threads, with a log of its own.
class TestServer {
 public:
  explicit TestServer(Handler handler, Limits limits = {}, GenerationSource generation = {},
                      ReadOn read_on = {}) {
    ServerOptions options;
    for (int i = 0; i < 2; ++i) {
      contexts_.push_back(std::make_unique<boost::asio::io_context>(1));
      guards_.push_back(boost::asio::make_work_guard(*contexts_.back()));
      options.contexts.push_back(contexts_.back().get());
    }
    options.handler = std::move(handler);
    options.limits = limits;
    options.read_on = read_on;
    options.generation = std::move(generation);
    options.log = &log_;
    server_ = std::make_unique<Server>(std::move(options));
    address_ = server_->listen_tcp("127.0.0.1:0");
    for (auto& context : contexts_) threads_.emplace_back([&context] { context->run(); });
  }
  ~TestServer() {
    if (!stopped_) EXPECT_TRUE(stop(std::chrono::milliseconds(0)));
    for (auto& guard : guards_) guard.reset();
    for (auto& context : contexts_) context->stop();
    for (auto& thread : threads_) thread.join();
  }

  bool stop(std::chrono::milliseconds grace) {
    stopped_ = true;
    const auto done = std::make_shared<std::promise<void>>();
    auto ended = done->get_future();
    server_->stop(grace, [done] { done->set_value(); });
    return ended.wait_for(kPatience) == std::future_status::ready;
  }

  Server& server() { return *server_; }
  const std::string& address() const { return address_; }
  std::string log() const { return read_file(folder_ / "error.log"); }
  const test::TemporaryFolder& folder() const { return folder_; }
  // Whether the log comes to hold it.
  bool logs(const std::string& text) const {
    return becomes_true([&] { return log().find(text) != std::string::npos; });
  }
  template <class Condition>
  static bool becomes_true(Condition condition) {
    const auto end = std::chrono::steady_clock::now() + kPatience;
    while (!condition()) {
      if (std::chrono::steady_clock::now() > end) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return true;
  }

 private:
  test::TemporaryFolder folder_;
  Log log_{{.file = folder_ / "error.log"}};
  std::vector<std::unique_ptr<boost::asio::io_context>> contexts_;
  std::vector<boost::asio::executor_work_guard<boost::asio::io_context::executor_type>> guards_;
  std::unique_ptr<Server> server_;
  std::string address_;
  std::vector<std::thread> threads_;
  bool stopped_ = false;
};

}  // namespace ipm::http
