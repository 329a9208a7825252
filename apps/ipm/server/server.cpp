// ipm server status: which server answers, how it and this connection are protected, whom it
// trusts, and who one is to it.
#include <fmt/format.h>
#include <boost/asio/use_awaitable.hpp>

#include <memory>

#include "ipm/commands.h"
#include "ipm/common/client_identity.h"
#include "ipm/common/describe.h"
#include "ipm/common/ipp_session.h"
#include "ipm/common/output.h"
#include "ipm/print/job_words.h"
#include "ipp/attribute_text.h"

namespace ipm::app {
namespace {

namespace asio = boost::asio;

constexpr std::chrono::days kExpiryNear{31};  // S14

std::string connection_text(const IppSession& session) {
  const auto& target = session.target();
  if (target.is_local()) return "this machine's own, through " + target.destination.text();
  const auto& protection = session.connection()->protection();
  if (!protection) return target.destination.text() + ", in plaintext";
  return fmt::format("{}, {} ({}{}{})", target.destination.text(), protection->protocol,
                     protection->cipher, protection->group.empty() ? "" : ", ", protection->group);
}

Cell encryption_cell(const ipp::AttributeList& system) {
  const auto encrypted = system.find_boolean("imprimatur-encryption");
  if (!encrypted) return "";
  if (!*encrypted) return {"off: the traffic can be read and forged", Color::Red};
  const bool mutual = system.find_boolean("imprimatur-mutual-authentication").value_or(false);
  return {mutual ? "on, mutual: clients prove themselves with certificates"
                 : "on; clients need no certificate",
          Color::Green};
}

Cell expiry_cell(const ipp::AttributeList& system, TimePoint now) {
  const auto expires = system.find_time("imprimatur-certificate-expires");
  if (!expires) return "";
  const auto left = days_until(*expires, now);
  return {expiry_text(*expires, now), now > *expires       ? Color::Red
                                      : left < kExpiryNear ? Color::Yellow
                                                           : Color::Green};
}

// "client.example.com, proven (administrator)"
std::string identity_text(const ipp::AttributeList& system) {
  const std::string name = text_of(system, "requesting-user-name-proven");
  const std::string right = text_of(system, "requesting-user-right");
  if (name.empty()) return right.empty() ? "" : fmt::format("nobody proven ({})", right);
  return fmt::format("{}, proven ({})", name, right);
}

// What ipmd.toml asks for and a restart of ipmd brings.
Cell waiting_cell(const ipp::AttributeList& system) {
  const auto* waiting = system.find("imprimatur-waits-for-restart");
  if (waiting == nullptr) return "";
  std::string all;
  for (const auto& value : waiting->values) {
    if (!all.empty()) all += ", ";
    all += ipp::to_text(value);
  }
  return {all, Color::Yellow};
}

std::string up_text(const ipp::AttributeList& system) {
  const auto seconds = system.find_integer("system-up-time");
  if (!seconds) return "";
  const int minutes = *seconds / 60;
  if (minutes < 60) return fmt::format("{} minutes", minutes);
  if (minutes < 48 * 60) return fmt::format("{} hours", minutes / 60);
  return fmt::format("{} days", minutes / (24 * 60));
}

// "12 days", or that it is time for a new one.
Cell store_age_cell(const ipp::AttributeList& system) {
  const auto days = system.find_integer("imprimatur-trust-age-days");
  if (!days) return "";
  const std::string text = fmt::format("{} day{}", *days, *days == 1 ? "" : "s");
  if (!system.find_boolean("imprimatur-trust-old").value_or(false)) return {text, Color::Green};
  return {text + ": it is old; on the server: ipm trust update", Color::Yellow};
}

// "143 publicly trusted CAs, 1 private"
Cell store_cell(const ipp::AttributeList& system) {
  const auto count_public = system.find_integer("imprimatur-trust-public");
  const auto count_private = system.find_integer("imprimatur-trust-private");
  if (!count_public || !count_private) return "";
  if (*count_public == 0) {
    return fmt::format("installed by hand, {} anchor{}", *count_private,
                       *count_private == 1 ? "" : "s");
  }
  const auto text =
      fmt::format("{} publicly trusted CAs, {} private", *count_public, *count_private);
  if (system.contains("imprimatur-trust-age-days")) return text;
  return {text + ", of unknown age; on the server: ipm trust update", Color::Yellow};
}

std::string labelled_digest(const ipp::AttributeList& system, std::string_view name) {
  const std::string digest = text_of(system, name);
  return digest.empty() ? "" : "SHA-256 " + digest;
}

void add_store(Sheet& sheet, const ipp::AttributeList& system) {
  sheet.add("trust store", store_cell(system));
  sheet.add("store digest", labelled_digest(system, "imprimatur-trust-sha256"));
  sheet.add("store source", text_of(system, "imprimatur-trust-source"));
  sheet.add("source digest", labelled_digest(system, "imprimatur-trust-source-sha256"));
  sheet.add("store age", store_age_cell(system));
}

std::string count_of(const ipp::AttributeList& system, std::string_view name) {
  const auto count = system.find_integer(name);
  return count ? std::to_string(*count) : "";
}

void print_status(const Context& context, const ipp::AttributeList& system,
                  const IppSession& session) {
  Sheet sheet;
  sheet.add("version", text_of(system, "imprimatur-version"));
  sheet.add("encryption", encryption_cell(system));
  sheet.add("certificate", text_of(system, "imprimatur-certificate-name"));
  sheet.add("fingerprint", labelled_digest(system, "imprimatur-certificate-fingerprint"));
  sheet.add("expires", expiry_cell(system, context.now()));
  add_store(sheet, system);
  sheet.add("reached at", connection_text(session));
  sheet.add("I am", identity_text(system));
  sheet.add("destinations", count_of(system, "system-configured-printers-count"));
  sheet.add("queued jobs", count_of(system, "queued-job-count"));
  sheet.add("running for", up_text(system));
  sheet.add("at a restart", waiting_cell(system));
  const std::string name = text_of(system, "system-name");
  print_out("server {}\n{}", name.empty() ? session.target().destination.text() : name,
            sheet.text(Context::has_color()));
}

nlohmann::json connection_json(const IppSession& session) {
  nlohmann::json document = {{"to", session.target().destination.text()},
                             {"local", session.target().is_local()},
                             {"encrypted", session.target().is_encrypted()}};
  if (const auto& protection = session.connection()->protection()) {
    document["protocol"] = protection->protocol;
    document["cipher"] = protection->cipher;
    document["group"] = protection->group;
  }
  return document;
}

asio::awaitable<int> status(const Context& context, const ServerChoice& choice,
                            IppSession& session) {
  const auto reply = co_await session.send(session.to_system(ipp::Operation::GetSystemAttributes));
  const auto& system = require_group(reply, ipp::GroupTag::System);
  if (context.json) {
    nlohmann::json document = ipp::to_json(system);
    document["connection"] = connection_json(session);
    if (const auto expires = system.find_time("imprimatur-certificate-expires")) {
      document["imprimatur-certificate-days-left"] = days_until(*expires, context.now()).count();
    }
    add_identity_json(document, context, session.target());
    Context::print_json(document);
    co_return kOk;
  }
  print_status(context, system, session);
  warn_of_expiry(context, session.target());
  next_step(context, choice, "ipm printer list");
  co_return kOk;
}

}  // namespace

void add_server(CLI::App& program, Context& context) {
  CLI::App& noun = add_noun(program, "server", "Look at a print server");
  CLI::App& command = add_command(
      noun, "status", "Version, encryption, certificate, trust store, and who I am to it",
      "  ipm server status\n"
      "  ipm server status --server ipmsrv.example.com\n"
      "  ipm server status --json");
  auto choice = std::make_shared<ServerChoice>();
  add_server_option(command, *choice);
  on_run(command, context, [&context, choice] {
    return converse(context, *choice,
                    [&](IppSession& session) { return status(context, *choice, session); });
  });
}

}  // namespace ipm::app
