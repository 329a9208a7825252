#pragma once
// The revocation lists that count (B6). They only ever go forward: a list that was in force stays so
// when its file vanishes, turns unreadable, or brings an older one, however old it becomes, and the
// next run of the server remembers it. We rejected believing the file as it stands: whoever can
// remove or restore it would let in again everybody that was revoked, and nothing would say so.
//
// A list is given up only on purpose, by a line of its own in the file of lists:
//
//   # ipm-withdrawn: sha256=HEX; number=4; issuer=CN=Old CA
//
// The digest is that of the list, in DER; what stands behind it is for people. The line is obeyed as
// long as it stands there, and what it withdrew does not come back when it goes.

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "pki/crl.h"
#include "pki/digest.h"
#include "tls/notice.h"
#include "trust/anchors.h"

namespace ipm::tls {

inline constexpr std::string_view kWithdrawnLine = "# ipm-withdrawn:";

struct Withdrawal {
  pki::Sha256 list{};  // over its DER
  std::string line;    // as it stands in the file
};
// The line that withdraws a list, ended by a newline.
std::string withdrawal_line(const pki::Crl& list);

// What a file of lists held, or why its lists are not known.
struct FoundLists {
  std::vector<pki::Crl> lists;  // without those that it withdraws
  std::vector<Withdrawal> withdrawn;
  std::string trouble;  // "is not there", "cannot be used: …"; empty: it was read
};
// The text of a file of lists. Throws Error{CrlUnusable} for one that neither holds nor withdraws a
// list, for a damaged one, and for a withdrawal that is not understood.
FoundLists read_lists(std::string_view text, const std::string& origin);

struct ListsInForce {
  std::vector<pki::Crl> lists;
  // While it lasts: an error for each list that the file no longer gives as it was, and for each new
  // one that lacks entries of the one before.
  Notices kept;
  Notices withdrawn;  // a warning for each list that was given up
};

struct ListChange {
  FoundLists found;
  std::filesystem::path file;                   // for messages
  std::optional<std::filesystem::path> memory;  // for messages: where they are remembered
  std::vector<pki::Crl> before;                 // in force so far
  std::span<const trust::Anchor> anchors;       // tell the keys that signed the lists
};
// Those found, and of those before what the found ones do not take forward: of each issuer's key and
// scope a list with a higher CRL number does, or one of the same number that is no older and has all
// entries; a delta list is followed by a complete one of no lower number, too (RFC 5280, 5.2.4).
ListsInForce take_forward(ListChange change);

// What an earlier run left at `memory`; nothing where there is no such file. Throws
// Error{CrlUnusable, FileUnreadable, FileTooLarge} for one that is damaged.
std::vector<pki::Crl> remembered_lists(const std::filesystem::path& memory);
// Writes them, unless the same stand there. A damaged file is not overwritten: where it was moved to.
// Throws Error{FileUnwritable, FileTooLarge}.
std::optional<std::filesystem::path> remember_lists(const std::filesystem::path& memory,
                                                    const std::vector<pki::Crl>& lists);
// Moves a memory beside itself, under a name that is free: "lists-in-force.pem.damaged". Throws
// Error{FileUnwritable}.
std::filesystem::path set_memory_aside(const std::filesystem::path& memory);

// Whether it is the list of a CA's earlier key: anchors bear its issuer's name, and none of them signed
// it. Nobody waits for its successor.
bool is_of_earlier_key(const pki::Crl& list, std::span<const trust::Anchor> anchors);

// "2 revocation lists with 17 entries"; "no revocation list".
std::string describe_lists(const std::vector<pki::Crl>& lists);

}  // namespace ipm::tls
