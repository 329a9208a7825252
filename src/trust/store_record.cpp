#include "trust/store_record.h"

#include <nlohmann/json.hpp>

#include "base/files.h"
#include "base/text.h"

namespace ipm::trust {

bool StoreRecord::speaks_of(const pki::Sha256& bundle) const {
  return bundle_sha256 == to_hex(bundle);
}

std::chrono::days StoreRecord::age(TimePoint now) const {
  return days_until(now, installed);
}

std::string StoreRecord::text() const {
  const nlohmann::json document = {{"source", source},
                                   {"source_sha256", source_sha256},
                                   {"bundle_sha256", bundle_sha256},
                                   {"roots", roots},
                                   {"installed", to_rfc3339(installed)}};
  return document.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

std::optional<StoreRecord> StoreRecord::find(std::string_view text) {
  const auto document = nlohmann::json::parse(text, nullptr, false);
  if (!document.is_object()) return std::nullopt;
  const auto field = [&](const char* key) {
    const auto found = document.find(key);
    return found != document.end() && found->is_string() ? found->get<std::string>()
                                                         : std::string();
  };
  const auto installed = parse_rfc3339(field("installed"));
  if (!installed) return std::nullopt;
  const auto roots = document.find("roots");
  return StoreRecord{
      field("source"), field("source_sha256"), field("bundle_sha256"),
      roots != document.end() && roots->is_number_unsigned() ? roots->get<std::size_t>() : 0,
      *installed};
}

std::filesystem::path store_record_file(const Places& places) {
  return places.state / "trust.json";
}

std::optional<StoreRecord> find_store_record(const Places& places) {
  const auto text = find_file(store_record_file(places));
  return text ? StoreRecord::find(*text) : std::nullopt;
}

}  // namespace ipm::trust
