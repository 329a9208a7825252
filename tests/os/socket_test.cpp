#include "os/socket.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <functional>
#include <thread>
#include <vector>

#include "os/handle.h"
#include "os/user.h"
#include "temporary_folder.h"

namespace ipm::os {
namespace {

using namespace std::chrono_literals;

// The condition is waited for, at most this long.
bool comes_true(const std::function<bool()>& condition) {
  const auto end = std::chrono::steady_clock::now() + 10s;
  while (!condition()) {
    if (std::chrono::steady_clock::now() >= end) return false;
    std::this_thread::sleep_for(2ms);
  }
  return true;
}

int number(const Handle& handle) {
  return static_cast<int>(handle.get());
}

struct Connection {
  Handle ours;
  Handle theirs;
};

// `room`: the peer's receive buffer, in bytes; 0 as the system has it.
Connection connect_tcp(int room = 0) {
  const Handle listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (room != 0) {
    ::setsockopt(number(listener), SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
  }
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const generic = static_cast<sockaddr*>(static_cast<void*>(&address));
  EXPECT_EQ(::bind(number(listener), generic, size), 0);
  EXPECT_EQ(::listen(number(listener), 1), 0);
  ::getsockname(number(listener), generic, &size);
  Connection connection;
  connection.ours = Handle(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  EXPECT_EQ(::connect(number(connection.ours), generic, size), 0);
  connection.theirs = Handle(::accept(number(listener), nullptr, nullptr));
  return connection;
}

void reset(Handle& socket) {
  const linger now{1, 0};
  ::setsockopt(number(socket), SOL_SOCKET, SO_LINGER, &now, sizeof now);
  socket.close();
}

void hardly_wait(const Handle& socket) {
  const timeval little{0, 1000};
  ::setsockopt(number(socket), SOL_SOCKET, SO_RCVTIMEO, &little, sizeof little);
  ::setsockopt(number(socket), SOL_SOCKET, SO_SNDTIMEO, &little, sizeof little);
}

// Until neither side's system has room for more.
void send_until_full(const Connection& connection) {
  hardly_wait(connection.ours);
  std::error_code failure;
  const std::vector<unsigned char> many(64U << 10U);
  while (!failure) send(connection.ours.get(), many, failure);
  EXPECT_EQ(failure, std::errc::operation_would_block);
}

constexpr std::array<unsigned char, 5> kHello = {'h', 'e', 'l', 'l', 'o'};

TEST(Socket, MovesBytesAndTellsTheEnd) {
  auto connection = connect_tcp();
  hardly_wait(connection.theirs);
  std::error_code failure;
  std::array<unsigned char, 16> space{};
  EXPECT_EQ(receive(connection.theirs.get(), space, failure), 0U);
  EXPECT_EQ(failure, std::errc::operation_would_block);
  EXPECT_EQ(send(connection.ours.get(), kHello, failure), 5U);
  EXPECT_TRUE(
      comes_true([&] { return peek(connection.theirs.get(), space, failure) == kHello.size(); }));
  EXPECT_EQ(receive(connection.theirs.get(), space, failure), 5U);
  EXPECT_EQ(space[4], 'o');
  EXPECT_FALSE(end_sending(connection.ours.get()));
  EXPECT_TRUE(comes_true(
      [&] { return receive(connection.theirs.get(), space, failure) == 0 && !failure; }));
}

TEST(Socket, SendingIntoABrokenConnectionIsAnErrorAndNoSignal) {
  auto connection = connect_tcp();
  reset(connection.theirs);
  std::error_code failure;
  EXPECT_TRUE(comes_true([&] {
    send(connection.ours.get(), kHello, failure);
    return static_cast<bool>(failure);
  }));
  send(connection.ours.get(), kHello, failure);
  EXPECT_EQ(failure, std::errc::broken_pipe);
}

TEST(TcpFacts, B13_AcknowledgedBytesAreCounted) {
  auto connection = connect_tcp();
  std::error_code failure;
  EXPECT_EQ(find_tcp_facts(connection.ours.get())->state, TcpFacts::State::Open);
  send(connection.ours.get(), kHello, failure);
  EXPECT_TRUE(
      comes_true([&] { return find_tcp_facts(connection.ours.get())->unacknowledged == 0; }));
  const auto facts = find_tcp_facts(connection.ours.get());
  EXPECT_GE(facts->acknowledged, 5U);
  EXPECT_LT(facts->since_acknowledgement, 10s);
  EXPECT_GT(facts->peer_window.value_or(1), 0U);
}

TEST(TcpFacts, B13_APeerThatTakesNothingLeavesBytesUnsent) {
  const auto connection = connect_tcp(4096);
  send_until_full(connection);
  EXPECT_TRUE(comes_true([&] {
    const auto facts = find_tcp_facts(connection.ours.get());
    return facts->unsent > 0 && facts->peer_window.value_or(0) < 4096;
  }));
  const auto facts = find_tcp_facts(connection.ours.get());
  EXPECT_EQ(facts->state, TcpFacts::State::Open);
  EXPECT_GE(facts->unacknowledged, facts->unsent);
}

TEST(TcpFacts, B13_AnOrderlyEndOfEitherSideIsToldApartFromAReset) {
  auto connection = connect_tcp();
  ASSERT_FALSE(end_sending(connection.theirs.get()));
  const auto state = [&] { return find_tcp_facts(connection.ours.get())->state; };
  EXPECT_TRUE(comes_true([&] { return state() == TcpFacts::State::PeerEnded; }));
  reset(connection.theirs);
  EXPECT_TRUE(comes_true([&] { return state() == TcpFacts::State::Closed; }));

  auto other = connect_tcp();
  ASSERT_FALSE(end_sending(other.ours.get()));
  EXPECT_EQ(find_tcp_facts(other.ours.get())->state, TcpFacts::State::WeEnded);
}

TEST(TcpFacts, B13_WhatAResetLeftUnacknowledgedIsStillKnown) {
  auto connection = connect_tcp(4096);
  send_until_full(connection);
  reset(connection.theirs);
  EXPECT_TRUE(comes_true(
      [&] { return find_tcp_facts(connection.ours.get())->state == TcpFacts::State::Closed; }));
  EXPECT_GT(find_tcp_facts(connection.ours.get())->unacknowledged, 0U);
}

TEST(TcpFacts, OnlyTcpHasThem) {
  std::array<int, 2> pair{};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, pair.data()), 0);
  const Handle one(pair[0]);
  const Handle two(pair[1]);
  EXPECT_FALSE(find_tcp_facts(one.get()));
  EXPECT_FALSE(find_tcp_facts(kNoSocket));
}

TEST(LocalUser, S18_IsWhoConnected) {
  std::array<int, 2> pair{};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, pair.data()), 0);
  const Handle one(pair[0]);
  const Handle two(pair[1]);
  const auto user = find_local_user(one.get());
  ASSERT_TRUE(user);
  EXPECT_EQ(user->uid, own_user());
  EXPECT_EQ(user->gid, ::getgid());
  EXPECT_EQ(user->name, find_user_name(own_user()).value_or(std::to_string(own_user())));
}

TEST(LocalUser, IsNobodyOverTcpOrWithoutAPeer) {
  const auto connection = connect_tcp();
  EXPECT_FALSE(find_local_user(connection.ours.get()));
  const Handle unconnected(::socket(AF_UNIX, SOCK_STREAM, 0));
  EXPECT_FALSE(find_local_user(unconnected.get()));
  EXPECT_FALSE(find_local_user(kNoSocket));
}

TEST(LocalUser, NamesComeFromTheUserDatabase) {
  EXPECT_EQ(find_user_name(0), "root");
  EXPECT_EQ(find_user_name(3'999'999'999), std::nullopt);
}

TEST(LocalSocket, EveryoneMayConnectOnceLetIn) {
  const test::TemporaryFolder folder;
  const std::string path = (folder / "socket").string();
  ASSERT_LE(path.size(), local_path_bytes_max());
  const Handle listener(::socket(AF_UNIX, SOCK_STREAM, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(static_cast<char*>(address.sun_path), local_path_bytes_max());
  ASSERT_EQ(::bind(number(listener), static_cast<sockaddr*>(static_cast<void*>(&address)),
                   sizeof address),
            0);
  ASSERT_FALSE(let_everyone_connect(path));
  struct stat status{};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0666U);
}

}  // namespace
}  // namespace ipm::os
