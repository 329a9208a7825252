// Processes, the terminal and the network's names.
#include "os/process.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "os/network.h"
#include "os/terminal.h"
#include "temporary_folder.h"

namespace ipm::os {
namespace {

using namespace std::string_literals;
using ::testing::AnyOf;
using ::testing::Contains;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

// The exit status of a child of its own, which `action` returns.
template <class Action>
int in_child(Action action) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(action());
  int status = -1;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(Run, TellsTheExitStatusAndTheSignal) {
  std::error_code failure;
  EXPECT_EQ(run("/bin/sh", {"-c", "exit 7"}, failure), 7);
  EXPECT_EQ(run("/bin/sh", {"-c", "kill -9 $$"}, failure), -SIGKILL);
  EXPECT_EQ(run("/bin/sh", {"-c", "test \"$0\" = 'a b;c'", "a b;c"}, failure), 0);
  EXPECT_FALSE(failure);
  run("/nowhere/program", {}, failure);
  EXPECT_EQ(failure, std::errc::no_such_file_or_directory);
}

TEST(Run, GivesNoInputAndSendsOutputToStandardError) {
  const test::TemporaryFolder folder;
  EXPECT_EQ(in_child([&] {
              const std::string file = (folder / "errors").string();
              if (std::freopen(file.c_str(), "w", stderr) == nullptr) return 1;
              std::error_code failure;
              return run("/bin/sh", {"-c", "cat; echo said"}, failure);
            }),
            0);
  std::ifstream errors(folder / "errors");
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(errors), {}), "said\n");
}

TEST(Process, OpenFilesAreRaisedToWhatTheSystemAllows) {
  EXPECT_EQ(in_child([] {
              raise_open_files();
              const auto raised = open_files_max();
              raise_open_files();
              return raised == open_files_max() && raised.value_or(1000) >= 64 ? 0 : 1;
            }),
            0);
}

TEST(Process, EndsAtOnceWithoutHandlers) {
  EXPECT_EQ(in_child([] {
              std::atexit([] { ::_exit(1); });
              end_at_once(7);
              return 2;
            }),
            7);
}

TEST(Process, ABrokenPipeIsAnErrorCode) {
  EXPECT_EQ(in_child([] {
              ignore_write_signals();
              std::array<int, 2> ends{};
              if (::pipe(ends.data()) != 0) return 2;
              ::close(ends[0]);
              return ::write(ends[1], "x", 1) == -1 && errno == EPIPE ? 0 : 1;
            }),
            0);
  EXPECT_THAT(stop_signals(), Contains(SIGTERM));
  EXPECT_EQ(reload_signal(), SIGHUP);
  EXPECT_EQ(process_number(), static_cast<std::uint64_t>(::getpid()));
}

TEST(Library, IsFoundOrSaysWhyNot) {
  std::string failure;
  const auto missing = Library::load("libno-such-library.so.9", failure);
  EXPECT_FALSE(missing);
  EXPECT_THAT(failure, HasSubstr("libno-such-library"));
  const auto found = Library::load("libz.so.1", failure);
  ASSERT_TRUE(found) << failure;
  EXPECT_NE(found.find<const char* (*)()>("zlibVersion"), nullptr);
  EXPECT_EQ(found.find<const char* (*)()>("no_such_function"), nullptr);
}

// A child whose terminal is a new one, and our end of that.
class AtTerminal {
 public:
  template <class Action>
  explicit AtTerminal(Action action) {
    winsize size{};
    size.ws_row = 24;
    size.ws_col = 132;
    child_ = ::forkpty(&master_, nullptr, nullptr, &size);
    if (child_ == 0) ::_exit(action());
  }
  AtTerminal(const AtTerminal&) = delete;
  AtTerminal& operator=(const AtTerminal&) = delete;
  ~AtTerminal() { ::close(master_); }

  std::string read_until(const std::string& end) const {
    std::string shown;
    std::array<char, 256> space{};
    while (!shown.ends_with(end)) {
      const auto got = ::read(master_, space.data(), space.size());
      if (got <= 0) break;
      shown.append(space.data(), static_cast<std::size_t>(got));
    }
    return shown;
  }
  void type(std::string_view text) const {
    EXPECT_EQ(::write(master_, text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  int status() const {
    int result = 0;
    ::waitpid(child_, &result, 0);
    return WIFEXITED(result) ? WEXITSTATUS(result) : -1;
  }

 private:
  int master_ = -1;
  pid_t child_ = -1;
};

TEST(Terminal, ASecretIsAskedForWithoutEcho) {
  const AtTerminal terminal([] {
    std::string answer;
    answer.reserve(100);
    if (ask_quietly("Secret: ", answer)) return 2;
    return answer == "hidden" ? 0 : 1;
  });
  EXPECT_EQ(terminal.read_until("Secret: "), "Secret: ");
  terminal.type("hidden\n");
  EXPECT_THAT(terminal.read_until("\n"), Not(HasSubstr("hidden")));
  EXPECT_EQ(terminal.status(), 0);
}

TEST(Terminal, AnAnswerEndsWhereItsRoomDoes) {
  const AtTerminal terminal([] {
    std::string answer;
    answer.reserve(32);
    const char* const place = answer.data();
    if (ask_quietly("Secret: ", answer)) return 2;
    return answer.data() == place && answer.size() == answer.capacity() ? 0 : 1;
  });
  terminal.read_until("Secret: ");
  terminal.type(std::string(200, 'x') + "\n");
  EXPECT_EQ(terminal.status(), 0);
}

TEST(Terminal, IsRecognisedWithItsWidth) {
  const AtTerminal terminal([] {
    const bool both = is_terminal(Stream::Input) && is_terminal(Stream::Error);
    return both && terminal_columns(Stream::Output) == 132 ? 0 : 1;
  });
  EXPECT_EQ(terminal.status(), 0);
}

TEST(Terminal, WithoutOneNothingIsAsked) {
  EXPECT_EQ(in_child([] {
              ::setsid();
              ::close(STDIN_FILENO);
              std::string answer;
              const bool refused = static_cast<bool>(ask_quietly("Secret: ", answer));
              const bool none = !is_terminal(Stream::Input) && !terminal_columns(Stream::Input);
              return refused && none ? 0 : 1;
            }),
            0);
}

TEST(Terminal, WipedBytesAreZero) {
  std::string secret = "secret";
  wipe(secret);
  EXPECT_EQ(secret, std::string(6, '\0'));
}

TEST(Network, AddressesAreReadStrictly) {
  EXPECT_EQ(parse_address("192.0.2.7"), "\xC0\x00\x02\x07"s);
  EXPECT_EQ(parse_address("2001:db8::1")->size(), 16U);
  for (const auto* text : {"", "192.0.2", "192.0.2.07", "0x7f.1", "192.0.2.256", "fe80::1%eth0",
                           "[::1]", "::1 ", "host"}) {
    EXPECT_EQ(parse_address(text), std::nullopt) << text;
  }
  EXPECT_EQ(parse_address("192.0.2.7\0x"s), std::nullopt);
}

TEST(Network, AddressesAreWrittenAsTheyAreRead) {
  for (const auto* text : {"192.0.2.7", "2001:db8::1", "::", "::ffff:192.0.2.7"}) {
    EXPECT_EQ(address_text(*parse_address(text)), text);
  }
  EXPECT_EQ(address_text("abc"), "");
}

TEST(Network, ThisMachineHasANameAndOnlyAddressesThatOthersReach) {
  EXPECT_NE(host_name(), "");
  const auto addresses = own_addresses();
  EXPECT_THAT(addresses, Each(AnyOf(SizeIs(4), SizeIs(16))));
  EXPECT_THAT(addresses, Not(Contains(*parse_address("127.0.0.1"))));
  EXPECT_THAT(addresses, Not(Contains(*parse_address("::1"))));
}

}  // namespace
}  // namespace ipm::os
