// What a job costs in heap allocations, on all threads: in a program of its own, for it replaces
// operator new.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <new>
#include <string>

#include "print/house.h"

namespace {

std::atomic<std::size_t> allocations{0};

void* counted(std::size_t bytes, std::size_t alignment) {
  ++allocations;
  bytes = (bytes + alignment - 1) / alignment * alignment;
  void* made = alignment <= alignof(std::max_align_t) ? std::malloc(std::max<std::size_t>(bytes, 1))
                                                      : std::aligned_alloc(alignment, bytes);
  if (made == nullptr) throw std::bad_alloc();
  return made;
}

}  // namespace

// NOLINTBEGIN(misc-new-delete-overloads): arrays and the others come down to these.
void* operator new(std::size_t bytes) {
  return counted(bytes, 1);
}
void* operator new(std::size_t bytes, std::align_val_t alignment) {
  return counted(bytes, static_cast<std::size_t>(alignment));
}
void operator delete(void* made) noexcept {
  std::free(made);
}
void operator delete(void* made, std::size_t) noexcept {
  std::free(made);
}
void operator delete(void* made, std::align_val_t) noexcept {
  std::free(made);
}
void operator delete(void* made, std::size_t, std::align_val_t) noexcept {
  std::free(made);
}
// NOLINTEND(misc-new-delete-overloads)

namespace ipm::print {
namespace {

namespace asio = boost::asio;
using ipp::Operation;
using test::House;

constexpr std::size_t kJobs = 200;

asio::awaitable<void> print(Service& service, const http::RequestHead& head,
                            std::deque<test::TextBody>& bodies) {
  const auto executor = co_await asio::this_coro::executor;
  for (auto& body : bodies) {
    http::Request request{head, body, "192.0.2.7:4711", false, nullptr, nullptr, executor};
    const auto response = co_await service.handle(request);
    EXPECT_EQ(response.status, 200);
  }
}

// Without HTTP, whose connections are used again, and without SQLite, which asks malloc().
TEST(Allocations, APrintJobOfTenKilobytesTakesFew) {
  House house;
  house.add_printer("office");
  house.become_administrator();
  house.ask(house.request(Operation::PausePrinter));
  house.become(std::nullopt);
  http::RequestHead head;
  head.method = http::Method::Post;
  head.target = "/ipp/print";
  head.headers.add("Content-Type", "application/ipp");
  auto request = house.request(Operation::PrintJob);
  request.groups.front().add_name("job-name", "Quarterly report");
  const std::string bytes = ipp::encode(request) + std::string(10'240, 'x');
  const auto run = [&] {
    std::deque<test::TextBody> bodies;
    for (std::size_t at = 0; at < kJobs; ++at) bodies.emplace_back(bytes, bytes.size());
    const std::size_t before = allocations;
    house.await(print(house.service(), head, bodies));
    return static_cast<double>(allocations - before) / kJobs;
  };
  run();  // What is made once is there then.
  const double each = run();
  RecordProperty("allocations", std::to_string(each));
  std::printf("%.1f allocations a job\n", each);
  EXPECT_LE(each, 64);
}

}  // namespace
}  // namespace ipm::print
