#include "authority/authority.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/error.h"
#include "base/files.h"
#include "base/text.h"

namespace ipm::authority {
namespace {

namespace fs = std::filesystem;

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
  aside += "-replaced-" + time;
  for (int copy = 2; fs::exists(aside); ++copy) {
    aside = folder;
    aside += fmt::format("-replaced-{}-{}", time, copy);
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
  return fs::exists(certificate_in(folder)) || fs::exists(key_in(folder));
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

pki::Crl Authority::sign_list(TimePoint now, std::chrono::days validity) {
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
    list =
        pki::Crl::sign(certificate_, *key_, inventory_.revocations(now), number, now, next_update);
    if (inventory_.newest_list_number() == number) {
      write_file({list_file(), list->pem(), os::Privacy::Everyone});
    }
  });
  return *std::move(list);
}

}  // namespace ipm::authority
