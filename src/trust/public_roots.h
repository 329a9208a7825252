#pragma once
// Which certificates are publicly trusted roots, by fingerprint (S18).
//
// A publicly trusted root must not vouch for clients unless the administrator says so by name, and
// how a file came to be does not matter: a root copied out of a bundle, without our comment lines,
// is still the same root. Three sources say what is public, and any one of them is enough:
//   1. our own comment lines in ca-cert.pem (Anchor::is_public);
//   2. the fingerprints that `ipm trust build` and `update` recorded on this machine;
//   3. Mozilla's list as the operating system ships it.
// A site's private CA is often in the system's store too. It must not count as public; therefore we
// read the places that hold Mozilla's list alone, and only where a system has none of them its
// merged bundle, less what the site added.

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/places.h"
#include "pki/digest.h"
#include "trust/anchors.h"

namespace ipm::trust {

class PublicRoots {
 public:
  bool contains(const pki::Sha256& digest) const;
  std::size_t size() const { return digests_.size(); }
  bool empty() const { return digests_.empty(); }

  void add(std::span<const pki::Sha256> digests);
  void remove(std::span<const pki::Sha256> digests);

  // The recorded form: a lower-case fingerprint a line, sorted. Throws Error{ConfigurationWrong}.
  static PublicRoots parse(std::string_view text, std::string_view origin);
  std::string text() const;

 private:
  std::vector<pki::Sha256> digests_;  // sorted, each once
};

// Files, or folders of files, of PEM certificates.
struct PublicRootPlaces {
  std::filesystem::path recorded;              // What this machine's ipm recorded.
  std::vector<std::filesystem::path> mozilla;  // Mozilla's list and nothing else.
  std::vector<std::filesystem::path> merged;   // Read where none of `mozilla` is there …
  std::vector<std::filesystem::path> local;    // … less what stands in these.
};

// The system's places are the machine's own, also under another root.
PublicRootPlaces public_root_places(const Places& places);

// What is not there, or cannot be read, adds nothing; but a recorded list that is damaged throws
// Error{ConfigurationWrong}.
PublicRoots load_public_roots(const PublicRootPlaces& places);

// Marks the anchors that are publicly trusted, whatever their file says.
void mark_public(std::vector<Anchor>& anchors, const PublicRoots& roots);

// SHA-256 of each PEM certificate in `text`, without parsing it; what is no whole certificate is
// passed over. At most kAnchorsMax.
std::vector<pki::Sha256> certificate_digests(std::string_view text);

}  // namespace ipm::trust
