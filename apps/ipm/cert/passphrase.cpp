#include "ipm/cert/passphrase.h"

#include <fmt/format.h>

#include "base/error.h"
#include "base/files.h"

namespace ipm::app {
namespace {

constexpr std::size_t kPassphraseBytesMax = 4096;
constexpr std::size_t kPassphraseBytesMin = 4;  // as the openssl program

void require_length(const Secret& passphrase) {
  if (passphrase.reveal().size() >= kPassphraseBytesMin) return;
  throw Error(Message::UsageWrong, "the passphrase is too short",
              fmt::format("{} characters or more", kPassphraseBytesMin), "choose a longer one");
}

}  // namespace

Secret read_passphrase(const std::filesystem::path& file) {
  const Secret whole(read_file(file, kPassphraseBytesMax));
  std::string_view line = whole.reveal();
  line = line.substr(0, line.find('\n'));
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (line.empty()) {
    throw Error(Message::UsageWrong, fmt::format("the first line of {} is empty", file.string()),
                "a file whose first line is the passphrase");
  }
  return Secret(std::string(line));
}

Secret existing_passphrase(const std::optional<std::filesystem::path>& file,
                           std::string_view prompt) {
  return file ? read_passphrase(*file) : ask_secret(prompt);
}

Secret new_passphrase(const std::optional<std::filesystem::path>& file, std::string_view prompt) {
  if (file) {
    Secret passphrase = read_passphrase(*file);
    require_length(passphrase);
    return passphrase;
  }
  Secret passphrase = ask_secret(prompt);
  require_length(passphrase);
  const Secret again = ask_secret("The same again: ");
  if (passphrase.reveal() != again.reveal()) {
    throw Error(Message::UsageWrong, "the two passphrases differ", "the same passphrase twice",
                "run the command again");
  }
  return passphrase;
}

void add_passphrase_option(CLI::App& command, std::optional<std::filesystem::path>& file) {
  command
      .add_option("--passphrase-file", file,
                  "Read the passphrase from the first line of FILE instead of asking")
      ->type_name("FILE");
}

}  // namespace ipm::app
