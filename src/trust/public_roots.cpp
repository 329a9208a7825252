#include "trust/public_roots.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/files.h"
#include "base/text.h"
#include "pki/pem.h"
#include "trust/deny_list.h"

namespace ipm::trust {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kFilesMax = 2000;  // of one folder
constexpr unsigned char kSequence = 0x30;

// The first DER SEQUENCE of `bytes`: a TRUSTED CERTIFICATE block holds OpenSSL's settings behind
// it.
std::string_view first_sequence(std::string_view bytes) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  constexpr std::size_t kLongForm = 0x80;
  if (bytes.size() < 2 || at(0) != kSequence) return {};
  std::size_t header = 2;
  std::size_t length = at(1);
  if (length >= kLongForm) {
    const std::size_t octets = length - kLongForm;
    if (octets == 0 || octets > 3 || bytes.size() < header + octets) return {};
    length = 0;
    for (std::size_t i = 0; i < octets; ++i) length = length * 256 + at(header + i);
    header += octets;
  }
  return length <= bytes.size() - header ? bytes.substr(0, header + length) : std::string_view();
}

// The digests of a file, or of all files of a folder; nothing where there is none.
std::vector<pki::Sha256> digests_of(const fs::path& place) {
  std::vector<pki::Sha256> digests;
  const auto add_file = [&](const fs::path& file) {
    try {
      const auto text = find_file(file, kBundleFileBytesMax);
      if (!text) return;
      const auto found = certificate_digests(*text);
      digests.insert(digests.end(), found.begin(), found.end());
    } catch (const Error&) {
      // A system's file that this user may not read tells nothing; the other sources remain.
    }
  };
  std::error_code error;
  if (!fs::is_directory(place, error)) {
    add_file(place);
    return digests;
  }
  std::size_t count = 0;
  for (fs::directory_iterator entry(place, error), end; !error && entry != end;
       entry.increment(error)) {
    if (++count > kFilesMax) break;
    if (entry->is_regular_file(error)) add_file(entry->path());
  }
  return digests;
}

std::vector<pki::Sha256> digests_of(const std::vector<fs::path>& places) {
  std::vector<pki::Sha256> digests;
  for (const auto& place : places) {
    const auto found = digests_of(place);
    digests.insert(digests.end(), found.begin(), found.end());
  }
  return digests;
}

}  // namespace

bool PublicRoots::contains(const pki::Sha256& digest) const {
  return std::ranges::binary_search(digests_, digest);
}

void PublicRoots::add(std::span<const pki::Sha256> digests) {
  digests_.insert(digests_.end(), digests.begin(), digests.end());
  std::ranges::sort(digests_);
  const auto rest = std::ranges::unique(digests_);
  digests_.erase(rest.begin(), rest.end());
}

void PublicRoots::remove(std::span<const pki::Sha256> digests) {
  std::erase_if(digests_, [&](const pki::Sha256& digest) {
    return std::ranges::find(digests, digest) != digests.end();
  });
}

PublicRoots PublicRoots::parse(std::string_view text, std::string_view origin) {
  PublicRoots roots;
  roots.add(parse_deny_list(text, origin));  // The same form: a fingerprint a line.
  return roots;
}

std::string PublicRoots::text() const {
  std::string text;
  for (const auto& digest : digests_) text += to_hex(digest) + "\n";
  return text;
}

PublicRootPlaces public_root_places(const Places& places) {
  PublicRootPlaces result;
  result.recorded = places.state / "public-roots.sha256";
  result.mozilla = {
      "/usr/share/ca-certificates/mozilla",                             // Debian, Alpine
      "/usr/share/pki/ca-trust-source/ca-bundle.trust.p11-kit",         // RHEL
      "/usr/share/pki/trust/ca-certificates-mozilla.trust.p11-kit",     // openSUSE
      "/usr/share/ca-certificates/trust-source/mozilla.trust.p11-kit",  // Arch
      "/usr/share/certs/trusted",                                       // FreeBSD
  };
  result.merged = {"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt",
                   "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem"};
  result.local = {"/usr/local/share/ca-certificates", "/etc/pki/ca-trust/source/anchors",
                  "/etc/pki/trust/anchors", "/etc/ca-certificates/trust-source/anchors"};
  return result;
}

PublicRoots load_public_roots(const PublicRootPlaces& places) {
  PublicRoots roots;
  roots.add(digests_of(places.mozilla));
  if (roots.empty()) {
    roots.add(digests_of(places.merged));
    roots.remove(digests_of(places.local));
  }
  if (const auto recorded = find_file(places.recorded)) {
    roots.add(parse_deny_list(*recorded, places.recorded.string()));
  }
  return roots;
}

void mark_public(std::vector<Anchor>& anchors, const PublicRoots& roots) {
  for (auto& anchor : anchors) {
    anchor.is_public = anchor.is_public || roots.contains(anchor.certificate.digest());
  }
}

std::vector<pki::Sha256> certificate_digests(std::string_view text) {
  std::vector<pki::Sha256> digests;
  for (const auto& block : pki::scan_pem(text, kAnchorsMax).blocks) {
    if (!block.label.ends_with("CERTIFICATE")) continue;
    const auto bytes = pki::decode_pem(block);
    if (!bytes) continue;
    const auto der = first_sequence(*bytes);
    if (!der.empty()) digests.push_back(pki::sha256(der));
  }
  return digests;
}

}  // namespace ipm::trust
