#pragma once
// What tests of drivers share: documents in memory, and one delivery run to its end.

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "output/driver.h"
#include "output/limits.h"

namespace ipm::output::test {

class TextSource final : public Source {
 public:
  explicit TextSource(std::string text) : text_(std::move(text)) {}
  std::size_t read(std::span<unsigned char> into) override {
    const std::size_t count = std::min(into.size(), text_.size() - at_);
    std::copy_n(text_.begin() + static_cast<std::ptrdiff_t>(at_), count, into.begin());
    at_ += count;
    return count;
  }

 private:
  std::string text_;
  std::size_t at_ = 0;
};

inline Document document(const std::string& text, int number = 1,
                         const std::string& name = "page.pdf") {
  return {number, name, "application/pdf", text.size(),
          [text] { return std::make_unique<TextSource>(text); }};
}

inline Assignment assignment(std::vector<Document> documents, int copies = 1) {
  Assignment job;
  job.job_id = 12;
  job.job_name = "report";
  job.owner = "alice";
  job.copies = copies;
  job.documents = std::move(documents);
  return job;
}

// Short waits, so that a test waits for a condition and not for the clock.
inline Patience hasty() {
  using std::chrono::milliseconds;
  Patience patience;
  patience.connect = milliseconds(5000);
  patience.look = milliseconds(10);
  patience.quiet = milliseconds(40);
  patience.raw_end = milliseconds(2'000);  // longer than a busy machine takes to end
  patience.answer = milliseconds(3000);
  patience.goodbye = milliseconds(2000);
  patience.beside = milliseconds(60);
  patience.lost = milliseconds(300);
  patience.incoming = milliseconds(100);
  patience.follow_first = milliseconds(5);
  patience.follow_longest = milliseconds(20);
  return patience;
}

class Deliveries : public testing::Test {
 protected:
  Deliveries() {
    progress_.waiting = [this](std::string_view text, std::vector<std::string> reasons) {
      said_.emplace_back(text);
      reasons_ = std::move(reasons);
      if (on_waiting_) on_waiting_();
    };
    progress_.accepted = [this](DeviceJob job) -> boost::asio::awaitable<void> {
      noted_.push_back(job);
      if (on_noted_) on_noted_();
      co_return;
    };
  }

  Result run(const Driver& driver, const Assignment& job) {
    boost::asio::io_context context;
    auto done = boost::asio::co_spawn(context, driver.deliver(job, cancellation_, progress_),
                                      boost::asio::use_future);
    context.run();
    return done.get();
  }
  bool said(std::string_view words) const {
    for (const auto& text : said_) {
      if (text.find(words) != std::string::npos) return true;
    }
    return false;
  }

  Environment environment() {
    return {pool_.get_executor(), {}, &net::system_network(), &devices_};
  }

  boost::asio::thread_pool pool_{1};
  DevicePool devices_;
  Cancellation cancellation_;
  Progress progress_;
  std::vector<std::string> said_;
  std::vector<std::string> reasons_;
  std::vector<DeviceJob> noted_;
  std::function<void()> on_waiting_;
  std::function<void()> on_noted_;
};

}  // namespace ipm::output::test
