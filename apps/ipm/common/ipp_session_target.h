#pragma once
// Where a command's requests go: the server named on the command line, the one of ipm.toml, or this
// machine's own through its local socket.

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "base/log.h"
#include "http/client.h"
#include "ipm/common/context.h"
#include "settings/client.h"
#include "tls/keeper.h"

namespace ipm::app {

// --server, and what a command prefers without it.
struct ServerChoice {
  std::optional<std::string> given;  // --server HOST[:PORT]
  // Administration is this machine's own business first: the local socket proves who one is.
  bool prefers_local = false;
};

// Adds --server to a command; `choice` lives as long as the command line.
void add_server_option(CLI::App& command, ServerChoice& choice);

// The certificates of a command that may run for long: taken up anew when their files change (S6).
// What does not load is told on standard error, and the old ones stay.
struct LiveTrust {
  LiveTrust(tls::GenerationSources sources, const Clock& clock);

  Log log;
  tls::Keeper keeper;
};

struct ServerTarget {
  http::Destination destination;
  std::string uri_start;  // "ipps://ipmsrv.example.com:1631": each URI of a request begins so

  std::shared_ptr<LiveTrust> trust = {};  // where TLS is spoken
  settings::ClientSettings client = {};   // what this user and this machine have set

  bool is_local() const { return !destination.local_socket.empty(); }
  bool is_encrypted() const { return destination.tls.has_value(); }
};

// Reads ipm.toml and, where TLS is spoken, certificates and anchors. Throws Error{UsageWrong,
// ConfigurationWrong} for what is no HOST[:PORT], Error{ConnectionFailed} when there is no server
// to ask, and what Generation::build throws.
ServerTarget find_server(const Context& context, const settings::ClientSettings& settings,
                         const ServerChoice& choice);

}  // namespace ipm::app
