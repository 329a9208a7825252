#include "authority/authority.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "base/error.h"
#include "base/files.h"
#include "base/text.h"
#include "pki/signature.h"
#include "pki/wanted.h"
#include "trust/distinguished_name.h"

namespace ipm::authority {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kReplaced = "-replaced-";

fs::path certificate_in(const fs::path& folder) {
  return folder / "ca-cert.pem";
}
fs::path key_in(const fs::path& folder) {
  return folder / "ca-key.pem";
}
fs::path inventory_in(const fs::path& folder) {
  return folder / "inventory.db";
}

void require_absent(const fs::path& folder) {
  if (!Authority::exists(folder)) return;
  throw Error(Message::AuthorityExists,
              fmt::format("there is an authority in {} already", folder.string()),
              "a place without one");
}

// "ca-replaced-2029-05-21T10-33-41Z" beside it. A key that signed certificates is never deleted.
fs::path move_aside(const fs::path& folder, TimePoint now) {
  std::string time = to_rfc3339(now);
  std::replace(time.begin(), time.end(), ':', '-');
  fs::path aside = folder;
  aside += std::string(kReplaced) + time;
  for (int copy = 2; fs::exists(aside); ++copy) {
    aside = folder;
    aside += fmt::format("{}{}-{}", kReplaced, time, copy);
  }
  std::error_code failure;
  fs::rename(folder, aside, failure);
  if (failure) {
    throw Error(Message::FileUnwritable,
                fmt::format("{} cannot be moved aside: {}", folder.string(), failure.message()),
                "a folder that this user may change");
  }
  sync_folder(folder.parent_path());
  return aside;
}

}  // namespace

const std::vector<std::string>& revocation_reasons() {
  static const std::vector<std::string> kReasons = {"unspecified",          "keyCompromise",
                                                    "affiliationChanged",   "superseded",
                                                    "cessationOfOperation", "privilegeWithdrawn"};
  return kReasons;
}

bool Authority::exists(const fs::path& folder) {
  finish_interrupted(folder);
  // What may not be looked at is there: reading it will say so.
  const auto is_there = [](const fs::path& path) {
    std::error_code failed;
    return fs::status(path, failed).type() != fs::file_type::not_found;
  };
  return is_there(certificate_in(folder)) || is_there(key_in(folder));
}

Authority::Authority(fs::path folder, pki::Certificate certificate, PassphraseSource ask)
    : folder_(std::move(folder)),
      certificate_(std::move(certificate)),
      ask_(std::move(ask)),
      inventory_(inventory_in(folder_)) {}

Authority Authority::create(const fs::path& folder, Creation creation) {
  // Everything that can be refused is refused before the disk is touched.
  if (!creation.replace) require_absent(folder);
  auto key = pki::PrivateKey::generate(creation.key);
  const auto certificate = pki::make_authority(
      key, {creation.name, creation.constraints, creation.now, creation.validity},
      pki::new_serial());

  std::optional<fs::path> replaced;
  if (creation.replace && exists(folder)) replaced = move_aside(folder, creation.now);
  make_folder(folder, os::Privacy::Owner);
  Inventory inventory(inventory_in(folder));
  inventory.exclusively([&] {
    require_absent(folder);  // Another process may have been quicker.
    const std::string certificate_pem = certificate.pem();
    const Secret key_pem =
        creation.passphrase ? Secret(key.encrypted_pem(*creation.passphrase)) : key.pem();
    const std::array files = {
        NewFile{key_in(folder), key_pem.reveal(), os::Privacy::Owner},
        NewFile{certificate_in(folder), certificate_pem, os::Privacy::Everyone}};
    write_files_together(files);
  });
  Authority made(folder, certificate, {});
  made.key_.emplace(std::move(key));
  made.replaced_ = std::move(replaced);
  return made;
}

Authority Authority::open(const fs::path& folder, PassphraseSource ask) {
  finish_interrupted(folder);
  const auto pem = find_file(certificate_in(folder));
  if (!pem) {
    throw Error(Message::AuthorityMissing,
                fmt::format("there is no certificate authority in {}", folder.string()),
                certificate_in(folder).string());
  }
  return Authority(folder, pki::Certificate::parse(*pem, certificate_in(folder).string()),
                   std::move(ask));
}

bool Authority::has_encrypted_key() const {
  return pki::PrivateKey::is_encrypted(Secret(read_file(key_file())).reveal());
}

void Authority::unlock() {
  if (key_) return;
  const Secret bytes(read_file(key_file()));
  const std::string origin = key_file().string();
  auto key = [&] {
    if (!pki::PrivateKey::is_encrypted(bytes.reveal())) {
      return pki::PrivateKey::parse(bytes.reveal(), origin);
    }
    if (!ask_) {
      throw Error(Message::PassphraseWrong, fmt::format("{} is encrypted", origin),
                  "its passphrase");
    }
    const Secret passphrase = ask_();
    return pki::PrivateKey::parse_encrypted(bytes.reveal(), passphrase, origin);
  }();
  if (!(key.public_key() == certificate_.public_key())) {
    throw Error(Message::AuthorityDamaged,
                fmt::format("{} does not belong to {}", origin, certificate_file().string()),
                "the key that was made with that certificate");
  }
  key_.emplace(std::move(key));
}

pki::Certificate Authority::issue(const pki::PublicKey& subject_key, const pki::LeafOrder& order) {
  unlock();
  const pki::Serial serial = pki::new_serial();
  const std::string number = pki::to_text(serial);
  inventory_.record(number, order.common_name, pki::all_names(order).text(), order.role, order.now);
  const auto certificate = [&] {
    try {
      return pki::issue(subject_key, order, certificate_, *key_, serial);
    } catch (...) {
      inventory_.forget(number);  // Nothing under this serial left the function.
      throw;
    }
  }();
  inventory_.finish(number, certificate);
  return certificate;
}

std::vector<Entry> Authority::named(std::string_view serial_or_name) const {
  if (auto entry = inventory_.find(serial_or_name)) return {*std::move(entry)};
  auto entries = inventory_.find_by_name(serial_or_name);
  if (!entries.empty()) return entries;
  throw Error(
      Message::SerialUnknown,
      fmt::format("{} issued nothing with the serial number or name {}",
                  printable(certificate_.display_name(), 80), printable(serial_or_name, 100)),
      "a serial number, a name or a certificate file of this authority");
}

bool Authority::revoke(const std::string& serial, std::string_view reason, TimePoint now) {
  const auto& reasons = revocation_reasons();
  if (std::find(reasons.begin(), reasons.end(), reason) == reasons.end()) {
    throw Error(Message::UsageWrong, fmt::format("\"{}\" is no reason", printable(reason, 60)),
                fmt::format("one of: {}", fmt::join(reasons, ", ")), "change --reason");
  }
  if (!inventory_.find(serial)) {
    throw Error(Message::SerialUnknown,
                fmt::format("no certificate has the serial number {}", printable(serial, 60)),
                "a serial number of this authority");
  }
  return inventory_.revoke(serial, reason, now);
}

bool Authority::issued(const pki::Certificate& certificate) const {
  return !(certificate == certificate_) &&
         trust::same_name(certificate.issuer_der(), certificate_.subject_der()) &&
         pki::signature_holds(certificate, certificate_);
}

bool Authority::any_issued(const fs::path& folder, const pki::Certificate& certificate) {
  std::vector<fs::path> folders = {folder};
  const std::string moved = folder.filename().string() + std::string(kReplaced);
  std::error_code failure;
  for (fs::directory_iterator at(folder.parent_path(), failure), end; !failure && at != end;
       at.increment(failure)) {
    if (at->path().filename().string().starts_with(moved)) folders.push_back(at->path());
  }
  return std::ranges::any_of(folders, [&](const fs::path& one) {
    try {
      const auto pem = find_file(certificate_in(one));
      if (!pem) return false;
      const auto issuer = pki::Certificate::parse(*pem, certificate_in(one).string());
      return trust::same_name(certificate.issuer_der(), issuer.subject_der()) &&
             pki::signature_holds(certificate, issuer);
    } catch (const Error&) {
      return false;  // What is damaged or kept from this user proves nothing.
    }
  });
}

bool Authority::has_signed(const pki::Crl& list) const {
  return trust::same_name(list.issuer_der(), certificate_.subject_der()) &&
         pki::crl_signature_holds(list, certificate_);
}

bool Authority::take_in(const pki::Certificate& certificate, TimePoint now) {
  if (!issued(certificate)) {
    throw Error(Message::SerialUnknown,
                fmt::format("{} was not issued by {}: its key did not sign it",
                            printable(certificate.display_name(), 80),
                            printable(certificate_.display_name(), 80)),
                "a certificate of this authority", "do this on the machine with its own CA");
  }
  const auto entry = inventory_.find(certificate.serial());
  if (entry && !entry->fingerprint.empty()) {
    if (entry->fingerprint == certificate.fingerprint()) return false;
    throw Error(Message::AuthorityDamaged,
                fmt::format("two certificates of this authority have the serial number {}",
                            certificate.serial()),
                "one certificate for each serial number");
  }
  if (!entry) {
    inventory_.record(certificate.serial(), certificate.display_name(), certificate.names().text(),
                      pki::guess_role(certificate), now);
  }
  inventory_.finish(certificate.serial(), certificate);
  return true;
}

namespace {

// Of a list of ours: 64 bits do for one a second since the beginning of time.
std::uint64_t number_of(const SignedList& signed_list) {
  const std::string digits = signed_list.list.number().value_or("0");
  std::uint64_t number = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stopped, failure] = std::from_chars(digits.data(), end, number);
  if (failure == std::errc{} && stopped == end && number < (std::uint64_t{1} << 62U)) return number;
  throw Error(Message::CrlUnusable,
              fmt::format("the list in {} has the number {}", signed_list.file.string(), digits),
              "a number that can be counted on from, below 2^62",
              "make a new authority: its lists begin at 1");
}

}  // namespace

bool Authority::take_in(const SignedList& given, TimePoint now) {
  if (!has_signed(given.list)) {
    throw Error(Message::SerialUnknown,
                fmt::format("the list in {} was not signed by {}", given.file.string(),
                            printable(certificate_.display_name(), 80)),
                "a revocation list of this authority", "do this on the machine with its own CA");
  }
  bool changed = false;
  for (const pki::Revocation& revocation : given.list.revocations()) {
    changed = inventory_.take_in(revocation, now) || changed;
  }
  return count_on_from(given) || changed;
}

bool Authority::count_on_from(const SignedList& earlier) {
  const TimePoint begin = earlier.list.this_update();
  return inventory_.raise_list_number(number_of(earlier), begin,
                                      earlier.list.next_update().value_or(begin));
}

// A lost, empty or older inventory would sign a list that lets somebody in again.
void Authority::require_known(const SignedList& earlier) const {
  std::size_t unknown = 0;
  for (const pki::Revocation& revocation : earlier.list.revocations()) {
    const auto entry = inventory_.find(revocation.serial);
    if (!entry || !entry->revoked) ++unknown;
  }
  if (unknown == 0) return;
  throw Error(Message::InventoryBehind,
              fmt::format("the inventory in {} does not know of {} of the {} revocations on the "
                          "list in {} (number {}): it is lost or an older copy",
                          folder_.string(), unknown, earlier.list.size(), earlier.file.string(),
                          earlier.list.number().value_or("-")),
              "an inventory that knows of everything that was revoked",
              fmt::format("ipm ca import {}", pki::shell_word(earlier.file.string())));
}

void Authority::require_signable(std::span<const SignedList> earlier) const {
  for (const SignedList& one : earlier) {
    if (has_signed(one.list)) require_known(one);
  }
}

pki::Crl Authority::sign_list(TimePoint now, std::optional<std::chrono::days> wanted,
                              std::span<const SignedList> earlier) {
  const std::chrono::days validity =
      wanted ? *wanted : inventory_.newest_list_validity().value_or(kListValidity);
  require_signable(earlier);
  for (const SignedList& one : earlier) {
    if (!has_signed(one.list)) continue;
    count_on_from(one);
  }
  unlock();
  if (validity < std::chrono::days{1} || validity > pki::kValidityMax) {
    throw Error(Message::UsageWrong, fmt::format("a list for {} days", validity.count()),
                fmt::format("1 to {} days", pki::kValidityMax.count()), "change --days");
  }
  const TimePoint next_update = now + validity;
  const std::uint64_t number = inventory_.next_list_number(now, next_update);
  std::optional<pki::Crl> list;
  // Under the lock: of two processes the one with the later number writes last.
  inventory_.exclusively([&] {
    list = pki::Crl::sign(certificate_, *key_, inventory_.revocations(now), number,
                          std::max<TimePoint>(now - pki::kBackdating, certificate_.not_before()),
                          next_update);
    if (inventory_.newest_list_number() == number) {
      write_file({list_file(), list->pem(), os::Privacy::Everyone});
    }
  });
  return *std::move(list);
}

}  // namespace ipm::authority
