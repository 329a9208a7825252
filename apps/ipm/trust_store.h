#pragma once
// The installed store of trusted CAs, for the verbs of `ipm trust`: reading it, replacing it whole,
// and the record of where it came from.
//
// Beside ca-cert.pem two files in the state folder belong to it: public-roots.sha256, the
// fingerprints by which publicly trusted roots are recognised (S18), and trust.json, the record.

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ipm/context.h"
#include "ipm/trust_conversion.h"
#include "trust/anchors.h"
#include "trust/store_change.h"

namespace ipm::app {

// The anchors of a PEM file or, converted as by default, of a raw certdata.txt; public ones marked.
std::vector<trust::Anchor> load_store(const std::filesystem::path& file, const Context& context);
nlohmann::json to_json(const trust::Anchor& anchor);
// "2D2C634D8CFAA7C9 Alpha Root (servers)": a line for one anchor.
std::string line_of(const trust::Anchor& anchor);

// Replaces the public roots of the installed ca-cert.pem by the conversion's; private CAs stay.
// Throws Error{BundleSuspicious} where the change is implausible and --force was not given. Nothing
// is written then.
struct Installed {
  trust::StoreChange change;
  std::size_t roots = 0;
  std::size_t private_kept = 0;
};
Installed install_store(const Context& context, const Conversion& conversion,
                        const trust::BundleStyle& style);

// What was recorded when the store was installed.
struct StoreRecord {
  std::string source;
  std::string source_sha256;
  std::string bundle_sha256;
  TimePoint installed;
};
std::optional<StoreRecord> find_store_record(const Places& places);

// The certificates of publicly trusted CAs become known to this machine.
void record_public_roots(const Places& places, const trust::Certdata& certdata);

void print_change(const Context& context, const trust::StoreChange& change);
nlohmann::json to_json(const trust::StoreChange& change);

}  // namespace ipm::app
