#pragma once
// The installed store of trusted CAs, for the verbs of `ipm trust`: reading it, and replacing it
// whole.
//
// Beside ca-cert.pem two files in the state folder belong to it: public-roots.sha256, the
// fingerprints by which publicly trusted roots are recognised (S18), and trust.json, the record of
// where it came from.

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/files.h"
#include "ipm/common/context.h"
#include "ipm/trust/trust_conversion.h"
#include "os/lock.h"
#include "trust/anchors.h"
#include "trust/store_change.h"

namespace ipm::app {

// The anchors of a PEM file or, converted as by default, of a raw certdata.txt; public ones marked.
std::vector<trust::Anchor> load_store(const std::filesystem::path& file, const Context& context);
nlohmann::json to_json(const trust::Anchor& anchor);
// "2D2C634D8CFAA7C9 Alpha Root (servers)": a line for one anchor.
std::string line_of(const trust::Anchor& anchor);

// Held while the installed ca-cert.pem is read, changed and replaced: of commands that run at once
// each adds to what the one before has written. Throws Error{FileUnwritable} after half a minute.
[[nodiscard]] os::Lock lock_store(const Context& context);

// What a file of anchors holds now: nothing where there is none, or a raw certdata.txt, which is no store
// (S4). Throws Error{AnchorsUnusable, FileUnreadable}.
struct PresentStore {
  std::optional<std::string> text;
  std::vector<trust::Anchor> anchors;

  bool holds(const pki::Certificate& certificate) const;
};
PresentStore read_present_store(const std::filesystem::path& file);

// Puts anchors behind those of `file`, of which not a byte changes. Whether any was new. The caller
// holds the lock.
bool add_anchors(const Context& context, const std::filesystem::path& file,
                 std::span<const trust::Anchor> anchors);

// Replaces the public roots of the installed ca-cert.pem by the conversion's; private CAs stay.
// Throws Error{BundleSuspicious} where the change is implausible and --force was not given. Nothing
// is written then. Takes the lock itself.
struct Installed {
  trust::StoreChange change;
  std::size_t roots = 0;
  std::size_t private_kept = 0;
};
Installed install_store(const Context& context, const Conversion& conversion,
                        const trust::BundleStyle& style);

// After a change of our own to ca-cert.pem, from `before` to `after`: what was recorded of the one
// now holds for the other.
void carry_record(const Places& places, std::string_view before, std::string_view after);

// The certificates of publicly trusted CAs become known to this machine.
void record_public_roots(const Places& places, const trust::Certdata& certdata);

void print_change(const Context& context, const trust::StoreChange& change);
nlohmann::json to_json(const trust::StoreChange& change);

}  // namespace ipm::app
