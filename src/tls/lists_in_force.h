#pragma once
// The revocation lists that count (B6). They only ever go forward: a list that was in force stays so
// when its file vanishes, turns unreadable, or brings an older one, and the next run of the server
// remembers it. We rejected believing the file as it stands: whoever can remove or restore it would
// let in again everybody that was revoked, and nothing would say so.

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "pki/crl.h"
#include "tls/notice.h"
#include "trust/anchors.h"

namespace ipm::tls {

// What a file of lists held: its lists, or why they are not known.
struct FoundLists {
  std::vector<pki::Crl> lists;
  std::string trouble;  // "… is not there", "… cannot be read: …"; empty: it was read
};

struct ListsInForce {
  std::vector<pki::Crl> lists;
  Notices kept;  // an error for each list that the file no longer gives as it was
};

struct ListChange {
  FoundLists found;
  std::filesystem::path file;              // for messages
  std::vector<pki::Crl> before;            // in force so far
  std::span<const trust::Anchor> anchors;  // tell the keys that signed the lists
  TimePoint now;
};
// Those found, and of those before what the found ones do not take forward: of each issuer's key and
// scope a list with a higher CRL number does, or one of the same number that is no older and has all
// entries. A list of a CA that is no anchor is forgotten once it has ended.
ListsInForce take_forward(ListChange change);

// What an earlier run left at `memory`; nothing where it left nothing. Throws Error{CrlUnusable,
// FileUnreadable}.
std::vector<pki::Crl> remembered_lists(const std::filesystem::path& memory);
// Writes them, unless the same stand there. Throws Error{FileUnwritable}.
void remember_lists(const std::filesystem::path& memory, const std::vector<pki::Crl>& lists);

// "2 revocation lists with 17 entries"; "no revocation list".
std::string describe_lists(const std::vector<pki::Crl>& lists);

}  // namespace ipm::tls
