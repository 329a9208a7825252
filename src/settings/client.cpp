#include "settings/client.h"

#include <algorithm>
#include <cstdlib>
#include <system_error>
#include <utility>

#include "base/files.h"
#include "os/streams.h"
#include "os/user.h"
#include "settings/denied.h"
#include "settings/toml_reader.h"

namespace ipm::settings {
namespace {

namespace fs = std::filesystem;

ClientSettings defaults(const Places& places) {
  ClientSettings settings;
  settings.certificate = places.client_certificate();
  settings.key = places.client_key();
  settings.anchors = places.anchors();
  settings.crl = places.crl();
  settings.own_folder = places.configuration;
  return settings;
}

template <class Value>
void set_if_given(Value& value, std::optional<Value> given) {
  if (given) value = *std::move(given);
}

// What the file says, over what is there. Lists of certificates add up: what the machine denies
// stays denied.
void apply(std::string_view text, const fs::path& origin, ClientSettings& settings) {
  TomlReader reader(text, origin.string());
  const auto find_path = [&](std::string_view key) -> std::optional<fs::path> {
    const auto given = reader.find_text(key);
    if (!given) return std::nullopt;
    if (given->empty()) reader.refuse(key, "empty", "the path of a file");
    return origin.parent_path() / *given;
  };
  if (auto server = reader.find_text("client.server")) {
    settings.server = *std::move(server);
    settings.server_file = origin;
  }
  if (auto destination = reader.find_text("client.destination")) {
    settings.destination = *std::move(destination);
  }
  set_if_given(settings.encrypted, reader.find_boolean("client.encryption"));
  auto certificate = find_path("client.certificate");
  auto key = find_path("client.key");
  if (certificate.has_value() != key.has_value()) {
    reader.refuse(certificate ? "client.certificate" : "client.key", "given without the other",
                  "certificate and key together");
  }
  set_if_given(settings.certificate, std::move(certificate));
  set_if_given(settings.key, std::move(key));
  set_if_given(settings.anchors, find_path("client.ca"));
  set_if_given(settings.crl, find_path("client.crl"));
  if (const auto days = reader.find_integer("client.warn_days", 1, 3650)) {
    settings.warn_days = static_cast<int>(*days);
  }
  set_if_given(settings.common_name, reader.find_boolean("client.common_name"));
  set_if_given(settings.relaxed, reader.find_texts("client.relaxed"));
  for (auto& fingerprint : find_denied(reader)) settings.denied.push_back(std::move(fingerprint));
  for (auto& ca : find_relaxed(reader)) {
    const bool known = std::ranges::any_of(
        settings.relaxed_cas, [&](const RelaxedCa& other) { return other.sha256 == ca.sha256; });
    if (!known) settings.relaxed_cas.push_back(std::move(ca));
  }
  reader.finish();
}

void apply_file(const fs::path& file, ClientSettings& settings) {
  if (const auto text = find_file(file)) apply(*text, file, settings);
}

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

bool is_kept_from_us(const fs::path& path) {
  std::error_code failure;
  return !os::may_read(path, failure) && failure == std::errc::permission_denied;
}

}  // namespace

fs::path user_folder() {
  // Read at start, before any thread exists.
  const auto variable = [](const char* name) -> fs::path {
    const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe)
    return value == nullptr ? "" : value;
  };
  // A relative path does not count (XDG Base Directory Specification).
  if (const fs::path given = variable("XDG_CONFIG_HOME"); given.is_absolute()) return given / "ipm";
  const fs::path home = variable("HOME");
  return home.is_absolute() ? home / ".config/ipm" : fs::path();
}

ClientSettings parse_client_settings(std::string_view text, const fs::path& origin,
                                     const Places& places) {
  ClientSettings settings = defaults(places);
  apply(text, origin, settings);
  return settings;
}

ClientSettings load_client_settings(const Places& places, const fs::path& user) {
  ClientSettings settings = defaults(places);
  apply_file(places.client_configuration(), settings);
  if (!user.empty()) {
    const fs::path certificate = user / "client-cert.pem";
    const fs::path key = user / "client-key.pem";
    if (is_there(certificate) || is_there(key)) {
      settings.certificate = certificate;
      settings.key = key;
    }
    apply_file(user / "ipm.toml", settings);
    if (os::own_user() != 0) settings.own_folder = user;
  }
  settings.identity_unreadable =
      is_kept_from_us(settings.key) || is_kept_from_us(settings.certificate);
  return settings;
}

}  // namespace ipm::settings
