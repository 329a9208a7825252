#include "ipm/common/advice.h"

#include <fmt/format.h>

#include <array>

#include "pki/wanted.h"

namespace ipm::app {
namespace {

constexpr std::string_view kProgram = "ipm ";

bool continues_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_' || c == '-' || c == '/';
}

std::string_view word_at_front(std::string_view text) {
  std::size_t size = 0;
  while (size < text.size() && ((text[size] >= 'a' && text[size] <= 'z') || text[size] == '-')) {
    ++size;
  }
  return text.substr(0, size);
}

const CLI::App* find_subcommand(const CLI::App& command, std::string_view name) {
  const auto named = command.get_subcommands(
      [&](const CLI::App* candidate) { return candidate->get_name() == name; });
  return named.empty() ? nullptr : named.front();
}

// The verb that `text` names, and how many bytes name it; null where it names none.
struct Named {
  const CLI::App* command = nullptr;
  std::size_t bytes = 0;
};
Named find_command(const CLI::App& program, std::string_view text) {
  Named named;
  const CLI::App* at = &program;
  std::size_t begin = 0;
  for (;;) {
    const auto word = word_at_front(text.substr(begin));
    const CLI::App* next = word.empty() ? nullptr : find_subcommand(*at, word);
    if (next == nullptr) return named;
    at = next;
    named = {next, begin + word.size()};
    if (named.bytes >= text.size() || text[named.bytes] != ' ') return named;
    begin = named.bytes + 1;
  }
}

bool speaks_of_another_machine(std::string_view text) {
  constexpr std::array<std::string_view, 3> kWords = {"on the machine with the CA", "on the server",
                                                      "on that "};
  return std::any_of(kWords.begin(), kWords.end(), [&](std::string_view words) {
    return text.find(words) != std::string_view::npos;
  });
}

}  // namespace

std::string with_flags(std::string_view text, const CLI::App& program, const RepeatedFlags& flags) {
  const bool root = flags.root && !speaks_of_another_machine(text);
  std::string out;
  while (!text.empty()) {
    const bool begins = text.starts_with(kProgram) && (out.empty() || !continues_word(out.back()));
    const Named named = begins ? find_command(program, text.substr(kProgram.size())) : Named{};
    if (named.command == nullptr) {
      out += text.front();
      text.remove_prefix(1);
      continue;
    }
    out += "ipm";
    if (root) out += fmt::format(" --root {}", pki::shell_word(*flags.root));
    out += ' ';
    out += text.substr(kProgram.size(), named.bytes);
    text.remove_prefix(kProgram.size() + named.bytes);
    const auto sentence = text.substr(0, text.find_first_of(";,"));
    const bool takes_server = named.command->get_option_no_throw("--server") != nullptr;
    if (flags.server && takes_server && sentence.find("--server") == std::string_view::npos) {
      out += fmt::format(" --server {}", pki::shell_word(*flags.server));
    }
  }
  return out;
}

}  // namespace ipm::app
