#include "settings/client.h"

#include "base/files.h"
#include "settings/denied.h"
#include "settings/toml_reader.h"

namespace ipm::settings {

ClientSettings parse_client_settings(std::string_view text, const std::filesystem::path& origin,
                                     const Places& places) {
  TomlReader reader(text, origin.string());
  const auto path = [&](std::string_view key, std::filesystem::path otherwise) {
    const auto given = reader.find_text(key);
    return given ? origin.parent_path() / *given : std::move(otherwise);
  };
  ClientSettings settings;
  settings.server = reader.find_text("client.server");
  settings.destination = reader.find_text("client.destination");
  settings.encrypted = reader.find_boolean("client.encryption").value_or(true);
  settings.certificate = path("client.certificate", places.client_certificate());
  settings.key = path("client.key", places.client_key());
  settings.anchors = path("client.ca", places.anchors());
  settings.crl = path("client.crl", places.crl());
  settings.common_name = reader.find_boolean("client.common_name").value_or(true);
  settings.relaxed = reader.find_texts("client.relaxed").value_or(std::vector<std::string>{});
  settings.denied = find_denied(reader);
  settings.relaxed_cas = find_relaxed(reader);
  reader.finish();
  return settings;
}

ClientSettings load_client_settings(const Places& places) {
  const auto text = find_file(places.client_configuration());
  return parse_client_settings(text.value_or(""), places.client_configuration(), places);
}

}  // namespace ipm::settings
