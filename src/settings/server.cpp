#include "settings/server.h"

#include "base/files.h"
#include "base/text.h"
#include "settings/denied.h"
#include "settings/toml_reader.h"

namespace ipm::settings {
namespace {

namespace fs = std::filesystem;

class Paths {
 public:
  Paths(TomlReader& reader, fs::path folder) : reader_(reader), folder_(std::move(folder)) {}

  std::optional<fs::path> find(std::string_view key) {
    const auto text = reader_.find_text(key);
    if (!text) return std::nullopt;
    if (text->empty()) reader_.refuse(key, "empty", "the path of a file");
    return folder_ / *text;  // An absolute path stays as it is.
  }

 private:
  TomlReader& reader_;
  fs::path folder_;
};

// Names of certificates: a wildcard stands for one whole label, the first (S10).
std::vector<std::string> find_patterns(TomlReader& reader, std::string_view key) {
  auto patterns = reader.find_texts(key).value_or(std::vector<std::string>{});
  for (const std::string& pattern : patterns) {
    const auto star = pattern.find('*');
    const bool whole_label = star == 0 && pattern.size() > 2 && pattern[1] == '.' &&
                             pattern.find('*', 1) == std::string::npos;
    if (pattern.empty() || (star != std::string::npos && !whole_label)) {
      reader.refuse(key, pattern.empty() ? "a list with an empty name" : printable(pattern),
                    "names of certificates; a wildcard only in place of the whole first label: "
                    "*.example.com");
    }
  }
  return patterns;
}

}  // namespace

ServerSettings parse_server_settings(std::string_view text, const fs::path& origin,
                                     const Places& places) {
  TomlReader reader(text, origin.string());
  Paths paths(reader, origin.parent_path());
  ServerSettings settings;
  settings.name = reader.find_text("server.name").value_or("");
  if (auto listen = reader.find_texts("server.listen")) settings.listen = *std::move(listen);
  if (settings.listen.empty())
    reader.refuse("server.listen", "an empty list", "at least one address, as \"[::]:631\"");

  settings.encrypted = reader.find_boolean("encryption.enabled").value_or(false);
  settings.mutual = reader.find_boolean("encryption.mutual").value_or(false);
  if (settings.mutual && !settings.encrypted) {
    reader.refuse("encryption.mutual", "true while encryption.enabled is not",
                  "enabled = true beside mutual = true");
  }
  const auto certificate = paths.find("encryption.certificate");
  const auto key = paths.find("encryption.key");
  if (certificate.has_value() != key.has_value()) {
    reader.refuse(certificate ? "encryption.certificate" : "encryption.key", "given alone",
                  "certificate and key together");
  }
  settings.certificate = certificate.value_or(places.server_certificate());
  settings.key = key.value_or(places.server_key());
  const auto dial_certificate = paths.find("encryption.dial_certificate");
  const auto dial_key = paths.find("encryption.dial_key");
  if (dial_certificate.has_value() != dial_key.has_value()) {
    reader.refuse(dial_certificate ? "encryption.dial_certificate" : "encryption.dial_key",
                  "given alone", "dial_certificate and dial_key together");
  }
  settings.dial_certificate = dial_certificate.value_or(settings.certificate);
  settings.dial_key = dial_key.value_or(settings.key);
  settings.anchors = paths.find("encryption.ca").value_or(places.anchors());
  settings.client_anchors = paths.find("encryption.client_ca");
  settings.crl = paths.find("encryption.crl").value_or(places.crl());
  settings.warn_days =
      static_cast<int>(reader.find_integer("encryption.warn_days", 1, 3650).value_or(31));
  if (const auto answer = reader.find_text("encryption.public_ca_clients")) {
    if (*answer != "allow" && *answer != "refuse") {
      reader.refuse("encryption.public_ca_clients", *answer, "\"allow\" or \"refuse\"");
    }
    settings.public_ca_clients = *answer == "allow";
  }
  settings.common_name = reader.find_boolean("encryption.common_name").value_or(true);
  settings.relaxed = reader.find_texts("encryption.relaxed").value_or(std::vector<std::string>{});

  settings.revocation_required = reader.find_boolean("revocation.required").value_or(false);
  if (const auto answer = reader.find_text("revocation.stale")) {
    if (*answer != "refuse" && *answer != "warn") {
      reader.refuse("revocation.stale", *answer, "\"refuse\" or \"warn\"");
    }
    settings.stale_lists_count = *answer == "warn";
  }

  settings.administrators = find_patterns(reader, "access.administrators");
  settings.operators = find_patterns(reader, "access.operators");

  settings.history_jobs_max =
      static_cast<std::size_t>(reader.find_integer("history.jobs", 0, 10'000'000).value_or(10'000));
  settings.history_days_max =
      static_cast<int>(reader.find_integer("history.days", 1, 36'500).value_or(30));
  if (const auto bytes = reader.find_integer("spool.reserve_bytes", 0, std::int64_t{1} << 50))
    settings.reserve_bytes = static_cast<std::uint64_t>(*bytes);
  settings.document_bytes_max = static_cast<std::uint64_t>(
      reader.find_integer("limits.document_bytes", 0, std::int64_t{1} << 50).value_or(0));
  settings.connections_max = static_cast<std::size_t>(
      reader.find_integer("limits.connections", 1, 1'000'000).value_or(10'000));
  settings.connections_per_address_max = static_cast<std::size_t>(
      reader.find_integer("limits.connections_per_address", 1, 1'000'000).value_or(1'000));
  settings.denied = find_denied(reader);
  settings.relaxed_cas = find_relaxed(reader);
  reader.finish();
  return settings;
}

ServerSettings load_server_settings(const Places& places) {
  const auto text = find_file(places.server_configuration());
  return parse_server_settings(text.value_or(""), places.server_configuration(), places);
}

}  // namespace ipm::settings
