#pragma once
// One immutable set of everything that a handshake needs: identities, anchors, CRLs, policy, and
// the two TLS contexts made of them. New files mean a new generation; connections keep the one they
// were opened under. A new generation begins without TLS sessions to resume, so none outlives a
// reload.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "tls/identity.h"
#include "tls/notice.h"
#include "tls/peer.h"
#include "trust/public_roots.h"
#include "trust/relaxation.h"
#include "trust/verifier.h"

struct ssl_ctx_st;

namespace ipm::tls {

struct Policy {
  bool mutual = false;                         // Clients must prove themselves.
  bool public_ca_clients = false;              // S18, stated by name.
  bool common_name = true;                     // S11: off means RFC 9525 to the letter.
  int warn_days = 31;                          // S14
  bool revocation_required = false;            // A peer whose CA has no list here is refused.
  bool stale_lists_count = false;              // A list past its nextUpdate is used all the same.
  std::vector<std::string> relaxed;            // Names of Web PKI rules not applied to peers.
  std::vector<trust::Relaxation> relaxations;  // The same, for the CAs that they name alone.
  std::vector<pki::Sha256> denied;             // Certificates that this site never trusts.
};

struct GenerationSources {
  std::optional<IdentityFiles> listen;  // absent: no listening (a client)
  // Dials with it where both files are there. The same files as `listen` serve both where their
  // certificate may stand for a client; under mutual authentication it must (S9), unless there is
  // an identity of its own to dial with.
  std::optional<IdentityFiles> dial;
  std::filesystem::path anchors;  // vouch for servers (and clients by default)
  std::optional<std::filesystem::path> client_anchors;  // vouch for clients alone (S18)
  std::optional<std::filesystem::path> crl;             // need not exist
  // Where the lists in force are remembered for the next run; absent: they are not.
  std::optional<std::filesystem::path> list_memory;
  trust::PublicRootPlaces public_roots;  // what tells a public root without its comment line (S18)
  Policy policy;

  std::vector<std::filesystem::path> files() const;  // all that a reload must watch
};

class Generation {
  struct State;

 public:
  // Parses, checks and tries everything (key fits, chain builds, rules hold, not expired, S18).
  // Throws the Error that says what is wrong; nothing is in force then. Its lists take those of
  // `before` forward, or those that an earlier run remembered.
  static std::shared_ptr<const Generation> build(const GenerationSources& sources,
                                                 std::uint64_t number, const Clock& clock,
                                                 const Generation* before = nullptr);
  explicit Generation(std::unique_ptr<const State> state);  // for build() alone
  Generation(const Generation&) = delete;
  Generation& operator=(const Generation&) = delete;
  ~Generation();

  std::uint64_t number() const;
  const Policy& policy() const;
  const std::optional<Identity>& listen_identity() const;
  const std::optional<Identity>& dial_identity() const;
  const trust::Verifier& server_verifier() const;  // judges servers that we dial
  const trust::Verifier& client_verifier() const;  // judges clients that dial us
  TimePoint now() const;                           // the clock handed in
  const Notices& notices() const;                  // what the load found, for the log
  const Notices& standing_notices() const;         // what is to be repeated while it lasts
  // Those lists of the verifiers that must be replaced in time.
  const std::vector<pki::Crl>& awaited_lists() const;

  // Whether a client that was admitted under `before` may stay: not revoked, not expired (B6), and
  // with a path to an anchor of this generation. Nothing: it may.
  std::optional<pki::Finding> objection(const Peer& client, const Generation& before) const;
  // The same of a server that was dialled as `expected`.
  std::optional<pki::Finding> objection_to_server(const Peer& server,
                                                  const trust::ExpectedPeer& expected,
                                                  const Generation& before) const;

  // Of the file of anchors that vouch for servers, as it was read.
  const pki::Sha256& anchors_digest() const;

  ssl_ctx_st* listen_context() const;  // Null without a listening identity.
  ssl_ctx_st* dial_context() const;

 private:
  std::unique_ptr<const State> state_;
};

}  // namespace ipm::tls
