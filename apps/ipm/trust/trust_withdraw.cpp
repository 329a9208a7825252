// ipm trust withdraw-list: a revocation list is given up on purpose (B6). Nothing else makes a server
// forget one.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <memory>

#include "base/files.h"
#include "base/text.h"
#include "ipm/common/installed.h"
#include "ipm/trust/anchors_file.h"
#include "ipm/trust/trust_commands.h"
#include "ipm/trust/trust_store.h"
#include "pki/digest.h"
#include "tls/limits.h"
#include "tls/lists_in_force.h"

namespace ipm::app {
namespace {

namespace fs = std::filesystem;

struct WithdrawOptions {
  std::vector<std::string> which;
  bool all = false;
};

struct Candidate {
  pki::Crl list;
  std::string digest;  // of its DER, in hexadecimal

  std::string line() const {
    return fmt::format("{} of {}, number {}, {} revoked", digest.substr(0, tls::kListNameDigits),
                       printable(list.issuer()), list.number().value_or("-"), list.size());
  }
  bool is_called(std::string_view word) const {
    if (word.size() >= tls::kListNameDigits && digest.starts_with(to_lower_ascii(word)))
      return true;
    const std::string issuer = list.issuer();
    const auto parts = split(issuer, ',');
    return issuer == word || std::ranges::any_of(parts, [&](std::string_view part) {
             const auto equals = part.find('=');
             return equals != std::string_view::npos && trim(part.substr(0, equals)) == "CN" &&
                    trim(part.substr(equals + 1)) == word;
           });
  }
};

// What is in force: the lists in the files, and those that the server remembers.
std::vector<Candidate> candidates(const Context& context) {
  std::vector<pki::Crl> lists;
  for (const auto& file : installed_files(context).lists) {
    for (auto& list : lists_in(context, file).lists) lists.push_back(std::move(list));
  }
  for (auto& one : remembered_lists(context)) lists.push_back(std::move(one.list));
  std::vector<Candidate> all;
  for (auto& list : lists) {
    auto digest = to_hex(pki::sha256(list.der()));
    const auto is_same = [&](const Candidate& other) { return other.digest == digest; };
    if (std::ranges::none_of(all, is_same)) all.push_back({std::move(list), std::move(digest)});
  }
  return all;
}

[[noreturn]] void refuse(const std::string& word, const std::vector<Candidate>& among,
                         std::string_view happened) {
  std::vector<std::string> lines;
  for (const auto& one : among) lines.push_back(one.line());
  throw Error(Message::UsageWrong,
              fmt::format("{} is the name of {}", printable(word, 80), happened),
              among.empty() ? "nothing: no revocation list is in force here"
                            : fmt::format("one of these: {}", fmt::join(lines, " | ")),
              among.empty() ? "ipm trust withdraw-list --help"
                            : "name it by the digits in front: ipm trust withdraw-list DIGITS");
}

std::vector<Candidate> chosen(const std::vector<Candidate>& all, const WithdrawOptions& options) {
  if (options.all) return all;
  std::vector<Candidate> given;
  for (const auto& word : options.which) {
    std::vector<Candidate> found;
    std::ranges::copy_if(all, std::back_inserter(found),
                         [&](const Candidate& one) { return one.is_called(word); });
    if (found.empty()) refuse(word, all, "no list that is in force here");
    if (found.size() > 1) refuse(word, found, "several lists");
    given.push_back(std::move(found.front()));
  }
  return given;
}

// The file without these lists, and with the lines that withdraw them wherever they are remembered.
void withdraw_in(const Context& context, const fs::path& file,
                 const std::vector<Candidate>& given) {
  const auto present = lists_in(context, file);
  std::string text;
  for (const auto& withdrawal : present.withdrawn) text += withdrawal.line + "\n";
  for (const auto& one : given) text += tls::withdrawal_line(one.list);
  for (const auto& list : present.lists) {
    const auto is_same = [&](const Candidate& one) { return one.list.der() == list.der(); };
    if (std::ranges::none_of(given, is_same)) text += list.pem();
  }
  write_file({file, text, os::Privacy::Everyone, true});
}

// A memory that cannot be read keeps the server from starting without any list.
std::optional<fs::path> set_damaged_memory_aside(const Context& context) {
  const auto memory = context.places().lists_in_force();
  try {
    tls::remembered_lists(memory);
    return std::nullopt;
  } catch (const Error&) {
    return tls::set_memory_aside(memory);
  }
}

int withdraw(const Context& context, const WithdrawOptions& options) {
  if (options.all == !options.which.empty()) {
    throw Error(Message::UsageWrong, "which list is to be withdrawn is not said",
                "the name of its CA or its digits, or --all", "ipm trust withdraw-list --help");
  }
  const auto lock = lock_store(context);
  const auto given = chosen(candidates(context), options);
  const auto files = installed_files(context).lists;
  if (!given.empty()) {
    for (const auto& file : files) withdraw_in(context, file, given);
  }
  const auto aside = options.all ? set_damaged_memory_aside(context) : std::nullopt;
  nlohmann::json document = {{"withdrawn", nlohmann::json::array()},
                             {"files", nlohmann::json::array()}};
  for (const auto& one : given) {
    document["withdrawn"].push_back({{"issuer", one.list.issuer()},
                                     {"number", one.list.number().value_or("")},
                                     {"entries", one.list.size()},
                                     {"sha256", one.digest}});
    context.say("Withdrew the list " + one.line());
  }
  if (!given.empty()) {
    for (const auto& file : files) {
      document["files"].push_back(file.string());
      context.say(fmt::format("Wrote {}", file.string()));
    }
  }
  if (aside) {
    document["memory_set_aside"] = aside->string();
    context.say(fmt::format("Moved the server's damaged memory of lists to {}", aside->string()));
  }
  if (given.empty() && !aside) context.say("No revocation list is in force here.");
  if (!given.empty()) {
    context.say(
        "Whoever they revoked is admitted again, as soon as the server has read this: within "
        "two seconds, or when it starts. Until then leave the lines in the file.");
  }
  if (context.json) Context::print_json(document);
  return kOk;
}

}  // namespace

void add_trust_withdraw_list(CLI::App& noun, Context& context) {
  CLI::App& command = add_command(
      noun, "withdraw-list",
      "Give up a revocation list that is in force here, on purpose: of a CA that is no more",
      "  ipm trust withdraw-list \"Old Print CA\"\n"
      "  ipm trust withdraw-list 3f1a0c5be27d9c04      by the digits that the error log names\n"
      "  ipm trust withdraw-list --all\n"
      "A server keeps a list in force though its file is gone, also after its time. Whoever it "
      "revoked\nis admitted again.");
  auto options = std::make_shared<WithdrawOptions>();
  command.add_option("WHICH", options->which, "The name of its CA, or the digits of the list")
      ->expected(0, -1);
  command.add_flag("--all", options->all,
                   "Every list; a damaged memory of lists is set aside, too");
  on_run(command, context, [&context, options] { return withdraw(context, *options); });
}

}  // namespace ipm::app
