#include "ipm/trust/trust_conversion.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <span>
#include <utility>

#include "base/files.h"
#include "base/text.h"
#include "os/error.h"
#include "os/file.h"
#include "settings/client.h"
#include "settings/server.h"
#include "trust/deny_list.h"

namespace ipm::app {
namespace {

namespace fs = std::filesystem;

// One byte more than the parser takes, so that it is the parser that complains, with a line.
std::string read_bounded(const fs::path& file) {
  std::error_code failure;
  auto opened = file == "-" ? os::File::standard_input(failure)
                            : os::File::open(file, os::Intent::Read, failure);
  if (failure == std::errc::no_such_file_or_directory || failure == std::errc::not_a_directory) {
    throw Error(Message::FileNotFound, fmt::format("{} is not there", file.string()),
                "Mozilla's certdata.txt", "fetch it: ipm trust update");
  }
  constexpr std::size_t kPart = 64U << 10U;
  constexpr std::size_t kMost = trust::kCertdataBytesMax + 1;
  // A file's size is only a hint: it may be growing.
  const std::size_t hint = failure ? 0 : opened.facts(failure).bytes + 1;
  std::string bytes;
  std::size_t size = 0;
  for (bool more = !failure; more && size < kMost;) {
    bytes.resize(std::min(std::max(hint, size + kPart), kMost));
    const auto got = opened.read(std::span(bytes).subspan(size), failure);
    size += got;
    more = got != 0;
  }
  if (failure) {
    throw Error(Message::FileUnreadable,
                fmt::format("{} cannot be read: {}", file.string(), os::text_of(failure)),
                "a file that this user may read");
  }
  bytes.resize(size);
  return bytes;
}

nlohmann::json names_of(const std::vector<const trust::StoreCertificate*>& roots) {
  auto list = nlohmann::json::array();
  for (const auto* root : roots) {
    list.push_back({{"label", printable(root->label)},
                    {"sha256", to_hex(root->digest)},
                    {"not_after", to_rfc3339(root->not_after)}});
  }
  return list;
}

}  // namespace

std::unique_ptr<const Conversion> convert(ConversionOrder order) {
  auto conversion = std::make_unique<Conversion>();
  conversion->source.name = order.text ? order.name : order.file.filename().string();
  conversion->text = order.text ? *std::move(order.text) : read_bounded(order.file);
  conversion->certdata =
      trust::parse_certdata(conversion->text, order.text ? order.name : order.file.string());
  conversion->source.digest = pki::sha256(conversion->text);
  conversion->selection = order.selection;
  conversion->choice =
      trust::choose_roots(conversion->certdata, order.selection, order.denied, order.now);
  return conversion;
}

void tell_oddities(const Conversion& conversion) {
  for (const auto& remark : conversion.certdata.remarks) {
    fmt::print(stderr, "{}, line {}: {}\n", conversion.source.name, remark.line, remark.text);
  }
  for (const auto* root : conversion.choice.expired) {
    fmt::print(stderr, "left out, expired {}: {}\n", to_certificate_time(root->not_after),
               printable(root->label));
  }
  for (const auto* root : conversion.choice.denied) {
    fmt::print(stderr, "left out, denied here: {}\n", printable(root->label));
  }
  if (conversion.choice.roots.empty()) {
    fmt::print(stderr, "warning: the selection {} takes no root\n", conversion.selection.text());
  }
}

nlohmann::json to_json(const Conversion& conversion) {
  auto roots = nlohmann::json::array();
  for (const auto* root : conversion.choice.roots) {
    nlohmann::json trust = nlohmann::json::object();
    for (const auto& statement : root->statements) {
      trust[std::string(trust::purpose_word(statement.purpose))] =
          trust::level_word(statement.level);
    }
    nlohmann::json entry = {{"label", printable(root->label)},
                            {"sha256", to_hex(root->digest)},
                            {"not_after", to_rfc3339(root->not_after)},
                            {"trust", std::move(trust)}};
    if (root->server_distrust_after) {
      entry["server_distrust_after"] = to_rfc3339(*root->server_distrust_after);
    }
    if (root->email_distrust_after) {
      entry["email_distrust_after"] = to_rfc3339(*root->email_distrust_after);
    }
    roots.push_back(std::move(entry));
  }
  auto remarks = nlohmann::json::array();
  for (const auto& remark : conversion.certdata.remarks) {
    remarks.push_back({{"line", remark.line}, {"text", remark.text}});
  }
  return {{"source", conversion.source.name},
          {"source_sha256", to_hex(conversion.source.digest)},
          {"selection", conversion.selection.text()},
          {"roots", std::move(roots)},
          {"expired", names_of(conversion.choice.expired)},
          {"denied", names_of(conversion.choice.denied)},
          {"distrusted", conversion.certdata.distrusted.size()},
          {"remarks", std::move(remarks)}};
}

std::vector<pki::Sha256> denied_here(const Context& context, const std::optional<fs::path>& file) {
  std::vector<pki::Sha256> denied;
  const auto add = [&](const std::vector<std::string>& fingerprints, const fs::path& origin) {
    for (const auto& text : fingerprints) {
      denied.push_back(trust::parse_fingerprint(text, origin.string()));
    }
  };
  const auto places = context.places();
  add(settings::load_client_settings(places).denied, places.client_configuration());
  add(settings::load_server_settings(places).denied, places.server_configuration());
  if (file) {
    const auto listed = trust::parse_deny_list(read_file(*file), file->string());
    denied.insert(denied.end(), listed.begin(), listed.end());
  }
  return denied;
}

}  // namespace ipm::app
