#pragma once
// A certificate authority on disk (S2): its key and certificate, the inventory of what it issued,
// revocations and their list.
//
//   ca/ca-cert.pem    its certificate, for everybody
//   ca/ca-key.pem     its key, mode 0600, encrypted if so wished
//   ca/inventory.db   what it issued
//   ca/crl.pem        the newest revocation list
//
// The certificate file is written last: where it is, the authority is whole.

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "authority/inventory.h"
#include "base/secret.h"
#include "pki/profile.h"

namespace ipm::authority {

inline constexpr std::chrono::days kListValidity{7};

// Asked only when the key is encrypted and something is to be signed.
using PassphraseSource = std::function<Secret()>;

struct Creation {
  std::string name;
  pki::KeyKind key = pki::KeyKind::Rsa3072;
  pki::NameConstraints constraints;
  std::chrono::days validity = pki::kAuthorityValidity;
  std::optional<Secret> passphrase;  // Encrypts the key.
  TimePoint now;
  bool replace = false;  // An authority that is there is moved aside, never deleted.
};

// A list, and the file that holds it.
struct SignedList {
  pki::Crl list;
  std::filesystem::path file;
};

// The reasons for which a certificate of ours may be revoked (RFC 5280, 5.3.1).
const std::vector<std::string>& revocation_reasons();

class Authority {
 public:
  // Whether one is there; one in a folder that this user may not enter is. Never throws for that.
  static bool exists(const std::filesystem::path& folder);

  // Throws Error{AuthorityExists, NameInvalid, FileUnwritable}. Where an authority was replaced,
  // replaced() tells where the old one is now.
  static Authority create(const std::filesystem::path& folder, Creation creation);

  // Throws Error{AuthorityMissing, AuthorityDamaged}. The key is not touched yet.
  static Authority open(const std::filesystem::path& folder, PassphraseSource ask);

  const pki::Certificate& certificate() const { return certificate_; }
  const std::filesystem::path& folder() const { return folder_; }
  std::filesystem::path certificate_file() const { return folder_ / "ca-cert.pem"; }
  std::filesystem::path key_file() const { return folder_ / "ca-key.pem"; }
  std::filesystem::path list_file() const { return folder_ / "crl.pem"; }
  const std::optional<std::filesystem::path>& replaced() const { return replaced_; }
  bool has_encrypted_key() const;
  const Inventory& inventory() const { return inventory_; }

  // Loads the key now rather than at the first signature: the passphrase is asked for before work
  // begins. Throws Error{PassphraseWrong, KeyUnusable, AuthorityDamaged}.
  void unlock();

  // Records the serial, signs, records the certificate. Throws what pki::issue() throws; then the
  // inventory is as before.
  pki::Certificate issue(const pki::PublicKey& subject_key, const pki::LeafOrder& order);

  // Whether this authority's key signed it, whether the inventory knows it or not. Not the
  // authority's own certificate.
  bool issued(const pki::Certificate& certificate) const;

  // The same of the authority in `folder`, or of one that it replaced: a certificate made there.
  static bool any_issued(const std::filesystem::path& folder, const pki::Certificate& certificate);
  // The same of a list.
  bool has_signed(const pki::Crl& list) const;

  // Takes into the inventory what it lacks: a certificate of this authority, the entries and the
  // number of a list that it signed. What is known stays as it is. Whether anything was new; throws
  // Error{SerialUnknown} for what its key did not sign.
  bool take_in(const pki::Certificate& certificate, TimePoint now);
  bool take_in(const SignedList& list, TimePoint now);

  // The entries that a person means by a serial number or a name: never empty, else throws
  // Error{SerialUnknown}.
  std::vector<Entry> named(std::string_view serial_or_name) const;

  // Throws Error{SerialUnknown, UsageWrong for a reason that is none}. False when it was revoked
  // already. In force once a new list is signed.
  bool revoke(const std::string& serial, std::string_view reason, TimePoint now);

  // Throws Error{InventoryBehind} where one of `earlier`, signed by this authority, has entries that
  // the inventory does not have as revoked: it is lost, or an older copy.
  void require_signable(std::span<const SignedList> earlier) const;

  // Signs a list of everything revoked and writes it to list_file(). Its number is greater than that
  // of each list in `earlier` which this authority signed; entries of these that the inventory does
  // not have as revoked are a contradiction: Error{InventoryBehind}, and nothing is signed. Valid as
  // long as the one before where `validity` is not given. Its thisUpdate is backdated, for servers
  // whose clocks are a little late.
  pki::Crl sign_list(TimePoint now, std::optional<std::chrono::days> validity = {},
                     std::span<const SignedList> earlier = {});

 private:
  Authority(std::filesystem::path folder, pki::Certificate certificate, PassphraseSource ask);
  void require_known(const SignedList& earlier) const;
  bool count_on_from(const SignedList& earlier);

  std::filesystem::path folder_;
  pki::Certificate certificate_;
  PassphraseSource ask_;
  std::optional<pki::PrivateKey> key_;
  std::optional<std::filesystem::path> replaced_;
  Inventory inventory_;
};

}  // namespace ipm::authority
