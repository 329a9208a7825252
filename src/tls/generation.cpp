#include "tls/generation.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/files.h"
#include "base/text.h"
#include "tls/client_trust.h"
#include "tls/context.h"
#include "tls/judge.h"
#include "tls/lists_in_force.h"
#include "trust/distinguished_name.h"

namespace ipm::tls {
namespace {

namespace fs = std::filesystem;

struct AnchorFile {
  std::vector<trust::Anchor> anchors;
  std::vector<trust::Distrusted> distrusted;
  pki::Sha256 digest{};
};

AnchorFile load_anchors(const fs::path& path, const trust::PublicRoots& public_roots,
                        const Policy& policy) {
  const auto text = find_file(path, kBundleFileBytesMax);
  if (!text) {
    throw Error(Message::FileNotFound, fmt::format("{} is not there", path.string()),
                "the certificates of the CAs that vouch for the other side (S2, S5)",
                "install your own CA's: ipm trust install FILE; or Mozilla's: ipm trust update");
  }
  AnchorFile file{trust::parse_anchors(*text, path.string()),
                  trust::parse_distrusted(*text, path.string()), pki::sha256(*text)};
  trust::mark_public(file.anchors, public_roots);
  trust::relax(file.anchors, policy.relaxations);
  return file;
}

// A file that cannot be read is told by `trouble` where there are lists to go on with, else thrown.
FoundLists find_lists(const fs::path& path, bool lists_before) {
  try {
    const auto text = find_file(path, kBundleFileBytesMax);
    if (!text) return {{}, {}, "is not there"};
    return read_lists(*text, path.string());
  } catch (const Error& error) {
    if (!lists_before) throw;
    return {{}, {}, "cannot be used: " + error.happened()};
  }
}

// With nothing at all to go by, everybody who was revoked would be let in.
Error nothing_known(const Error& forgotten, const ListChange& change) {
  return {Message::ListMemoryUnusable,
          fmt::format("which revocation lists were in force is not known any more: {}; and {} {}",
                      forgotten.happened(), change.file.string(),
                      change.found.trouble.empty() ? "holds none" : change.found.trouble),
          fmt::format("the newest list of each CA in {}", change.file.string()),
          "install them: of your own CA, on its machine: ipm ca crl, and copy its crl.pem here; "
          "only where no list is to count: ipm trust withdraw-list --all"};
}

enum class Lists { Optional, Required };

trust::Verifier make_verifier(const AnchorFile& file, std::vector<pki::Crl> crls,
                              const Policy& policy, Lists lists) {
  trust::VerifierOptions options;
  options.crl_required = lists == Lists::Required;
  options.anchors = file.anchors;
  options.distrusted = file.distrusted;
  options.crls = std::move(crls);
  options.strict = !policy.common_name;
  options.relaxed = policy.relaxed;
  options.denied = policy.denied;
  options.stale_lists_count = policy.stale_lists_count;
  return trust::Verifier(std::move(options));
}

// A CA may be installed later, and taken away for a while: the entry waits for it.
void note_idle(const trust::Relaxation& relaxation, const GenerationSources& sources,
               Notices& notices) {
  notices.push_back(
      {Message::Notice,
       fmt::format("{}: no CA of {} has the fingerprint {}, so nothing is relaxed; ipm trust show "
                   "tells those that are there",
                   relaxation.origin, sources.anchors.string(), to_hex(relaxation.anchor))});
}

std::span<const pki::Certificate> chain_behind(const Identity& identity) {
  return {identity.chain.begin() + 1, identity.chain.end()};
}

// What our own chain is judged by: the anchors alone. Revocation lists judge others, and one that
// is past its nextUpdate, or that names us, must not keep its successor from being taken up.
trust::Verdict judge_own(const Identity& identity, trust::Purpose purpose, const AnchorFile& file,
                         const Policy& policy, TimePoint now) {
  const auto verifier = make_verifier(file, {}, policy, Lists::Optional);
  return verifier.verify(identity.leaf(), chain_behind(identity), purpose, {}, now);
}

void require_chain(const Identity& identity, const IdentityFiles& files, const fs::path& anchors,
                   std::span<const trust::Anchor> trusted, const trust::Verdict& verdict) {
  if (verdict.valid) return;
  throw Error(Message::ChainInvalid,
              fmt::format("the chain of {} ({}) does not lead to an anchor of {}: {}",
                          files.certificate.string(), identity.leaf().subject(), anchors.string(),
                          pki::to_line(verdict.findings)),
              "the leaf, then each CA up to an anchor, in the certificate's file",
              trust::relaxation_advice(verdict, trusted)
                  .value_or("append the CA's intermediate certificates to the file, or install its "
                            "root: ipm trust install FILE"));
}

// A file that may not be looked at is there: reading it will say so.
bool is_there(const fs::path& path) {
  std::error_code failed;
  return fs::status(path, failed).type() != fs::file_type::not_found;
}

bool any_there(const IdentityFiles& files) {
  return is_there(files.certificate) || is_there(files.key);
}

}  // namespace

struct Generation::State {
  std::uint64_t number = 0;
  Policy policy;
  pki::Sha256 anchors_digest{};
  Clock clock;
  std::optional<Identity> listen;
  std::optional<Identity> dial;
  Notices notices;
  Notices standing;
  std::vector<pki::Crl> awaited;
  std::unique_ptr<const Judge> servers;
  std::unique_ptr<const Judge> clients;
  std::unique_ptr<SessionMemory> sessions;
  // Their callbacks use the above: they go first.
  SslContextPtr listen_context;
  SslContextPtr dial_context;

  std::vector<pki::Crl> load_lists(const GenerationSources& sources,
                                   std::span<const trust::Anchor> anchors,
                                   const Generation* before);
  void note_anchors_without_list(std::span<const trust::Anchor> anchors,
                                 const std::vector<pki::Crl>& lists);
  void load_listen(const GenerationSources& sources, const AnchorFile& anchors);
  void load_dial(const GenerationSources& sources, const AnchorFile& anchors);
  void note_revoked(const Identity& identity, const Judge& judge);
};

std::vector<pki::Crl> Generation::State::load_lists(const GenerationSources& sources,
                                                    std::span<const trust::Anchor> anchors,
                                                    const Generation* before) {
  if (!sources.crl) return {};
  ListChange change;
  change.file = *sources.crl;
  change.anchors = anchors;
  change.memory = sources.list_memory;
  std::optional<Error> forgotten;
  if (before != nullptr) {
    change.before = before->client_verifier().crls();
  } else if (sources.list_memory) {
    try {
      change.before = remembered_lists(*sources.list_memory);
    } catch (const Error& error) {
      forgotten = error;
    }
  }
  change.found = find_lists(change.file, !change.before.empty());
  if (forgotten && change.found.lists.empty()) throw nothing_known(*forgotten, change);
  auto forward = take_forward(std::move(change));
  standing = std::move(forward.kept);
  if (forgotten) {
    standing.push_back({Message::ListMemoryUnusable,
                        fmt::format("which revocation lists were in force is not known any more: "
                                    "{}; only those of {} count",
                                    forgotten->happened(), sources.crl->string())});
  }
  notices.insert(notices.end(), forward.withdrawn.begin(), forward.withdrawn.end());
  for (const auto& list : forward.lists) {
    if (!is_of_earlier_key(list, anchors)) awaited.push_back(list);
    if (list.version() == 2 && list.number()) continue;
    notices.push_back({Message::Notice,
                       fmt::format("the revocation list of {} has no CRL number (RFC 5280, 5.2.3); "
                                   "it is used, and which of two is newer is told by their times",
                                   printable(list.issuer()))});
  }
  return std::move(forward.lists);
}

// They are not refused by default: a site may have a list of one of its CAs only.
void Generation::State::note_anchors_without_list(std::span<const trust::Anchor> anchors,
                                                  const std::vector<pki::Crl>& lists) {
  if (lists.empty() && !policy.revocation_required) return;
  for (const auto& anchor : anchors) {
    const auto is_of = [&](const pki::Crl& list) {
      return trust::same_name(list.issuer_der(), anchor.certificate.subject_der());
    };
    if (!anchor.vouches_for_clients || std::ranges::any_of(lists, is_of)) continue;
    notices.push_back({Message::AnchorWithoutList,
                       fmt::format("{} vouches for clients and has no revocation list here: {}",
                                   printable(anchor.certificate.display_name()),
                                   policy.revocation_required
                                       ? "its clients are refused ([revocation] required = true)"
                                       : "whomever it revokes stays admitted")});
  }
}

void Generation::State::load_listen(const GenerationSources& sources, const AnchorFile& anchors) {
  if (!sources.listen) return;
  const bool dials_with_another =
      sources.dial && *sources.dial != *sources.listen && any_there(*sources.dial);
  const auto role =
      policy.mutual && !dials_with_another ? pki::Role::MutualServer : pki::Role::Server;
  const TimePoint now = clock();
  listen = load_identity(*sources.listen, role, now, notices);
  require_chain(*listen, *sources.listen, sources.anchors, anchors.anchors,
                judge_own(*listen, trust::Purpose::Server, anchors, policy, now));
  note_revoked(*listen, *servers);
}

void Generation::State::load_dial(const GenerationSources& sources, const AnchorFile& anchors) {
  if (!sources.dial) return;
  const TimePoint now = clock();
  if (sources.listen && *sources.dial == *sources.listen) {
    // Public CAs issue no clientAuth any more: such a server dials without a certificate.
    if (pki::check_peer(listen->leaf(), pki::Role::Client, now).empty()) dial = listen;
    return;
  }
  if (!any_there(*sources.dial)) return;
  dial = load_identity(*sources.dial, pki::Role::Client, now, notices);
  const auto verdict = judge_own(*dial, trust::Purpose::Client, anchors, policy, now);
  if (!verdict.valid) {
    notices.push_back(
        {Message::Notice,
         fmt::format("{} ({}) does not lead to an anchor of {}; servers of another CA may still "
                     "take it: {}",
                     sources.dial->certificate.string(), dial->leaf().subject(),
                     sources.anchors.string(), pki::to_line(verdict.findings))});
  }
  note_revoked(*dial, *clients);
}

void Generation::State::note_revoked(const Identity& identity, const Judge& judge) {
  if (!judge.is_revoked(identity.leaf(), chain_behind(identity), {})) return;
  notices.push_back({Message::CertificateRevoked,
                     fmt::format("our own certificate {}, serial {}, is on its CA's revocation "
                                 "list: peers that have the list refuse it",
                                 identity.leaf().subject(), identity.leaf().serial())});
}

std::vector<fs::path> GenerationSources::files() const {
  std::vector<fs::path> all;
  const auto add = [&](const fs::path& path) {
    if (!path.empty() && std::ranges::find(all, path) == all.end()) all.push_back(path);
  };
  for (const auto& identity : {listen, dial}) {
    if (!identity) continue;
    add(identity->certificate);
    add(identity->key);
  }
  add(anchors);
  if (client_anchors) add(*client_anchors);
  if (crl) add(*crl);
  return all;
}

std::shared_ptr<const Generation> Generation::build(const GenerationSources& sources,
                                                    std::uint64_t number, const Clock& clock,
                                                    const Generation* before) {
  auto state = std::make_unique<State>();
  state->number = number;
  state->policy = sources.policy;
  state->clock = clock;

  const auto public_roots = trust::load_public_roots(sources.public_roots);
  const auto anchors = load_anchors(sources.anchors, public_roots, sources.policy);
  state->anchors_digest = anchors.digest;
  auto client_anchors = sources.client_anchors
                            ? load_anchors(*sources.client_anchors, public_roots, sources.policy)
                            : anchors;
  for (const auto& relaxation : sources.policy.relaxations) {
    if (!trust::concerns(relaxation, anchors.anchors) &&
        !trust::concerns(relaxation, client_anchors.anchors)) {
      note_idle(relaxation, sources, state->notices);
    }
  }
  if (sources.listen && sources.policy.mutual) {
    judge_client_trust(client_anchors.anchors, sources, state->notices);
  }
  std::vector<trust::Anchor> all_anchors = anchors.anchors;
  all_anchors.insert(all_anchors.end(), client_anchors.anchors.begin(),
                     client_anchors.anchors.end());
  const auto crls = state->load_lists(sources, all_anchors, before);
  const Lists lists = sources.policy.revocation_required ? Lists::Required : Lists::Optional;
  state->servers = std::make_unique<const Judge>(
      make_verifier(anchors, crls, sources.policy, lists), trust::Purpose::Server, clock);
  state->clients = std::make_unique<const Judge>(
      make_verifier(client_anchors, crls, sources.policy, lists), trust::Purpose::Client, clock);
  if (sources.listen && sources.policy.mutual) {
    state->note_anchors_without_list(client_anchors.anchors, crls);
  }
  state->load_listen(sources, anchors);
  state->load_dial(sources, anchors);
  if (state->listen) {
    state->sessions = std::make_unique<SessionMemory>(clock);
    state->listen_context = make_listen_context(*state->listen, *state->clients, *state->sessions,
                                                sources.policy.mutual);
  }
  state->dial_context = make_dial_context(state->dial ? &*state->dial : nullptr, *state->servers);
  return std::make_shared<const Generation>(std::move(state));
}

Generation::Generation(std::unique_ptr<const State> state) : state_(std::move(state)) {}
Generation::~Generation() = default;

std::uint64_t Generation::number() const {
  return state_->number;
}
const Policy& Generation::policy() const {
  return state_->policy;
}
const std::optional<Identity>& Generation::listen_identity() const {
  return state_->listen;
}
const std::optional<Identity>& Generation::dial_identity() const {
  return state_->dial;
}
const trust::Verifier& Generation::server_verifier() const {
  return state_->servers->verifier();
}
const trust::Verifier& Generation::client_verifier() const {
  return state_->clients->verifier();
}
TimePoint Generation::now() const {
  return state_->clock();
}
const Notices& Generation::notices() const {
  return state_->notices;
}
const Notices& Generation::standing_notices() const {
  return state_->standing;
}

const std::vector<pki::Crl>& Generation::awaited_lists() const {
  return state_->awaited;
}

std::optional<pki::Finding> Generation::objection(const Peer& client,
                                                  const Generation& before) const {
  return state_->clients->objection(client, {}, *before.state_->clients);
}
std::optional<pki::Finding> Generation::objection_to_server(const Peer& server,
                                                            const trust::ExpectedPeer& expected,
                                                            const Generation& before) const {
  return state_->servers->objection(server, expected, *before.state_->servers);
}
const pki::Sha256& Generation::anchors_digest() const {
  return state_->anchors_digest;
}

ssl_ctx_st* Generation::listen_context() const {
  return state_->listen_context.get();
}
ssl_ctx_st* Generation::dial_context() const {
  return state_->dial_context.get();
}

}  // namespace ipm::tls
