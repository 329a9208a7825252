#include "ipm/common/ipp_session_target.h"

#include <fmt/format.h>

#include "base/text.h"
#include "base/uri.h"
#include "ipm/common/client_sources.h"
#include "ippclient/exchange.h"

namespace ipm::app {
namespace {

namespace fs = std::filesystem;

// HOST[:PORT], as an ipp or ipps address of that host.
std::optional<Uri> find_address(std::string_view text, std::string_view scheme) {
  auto uri = find_uri(fmt::format("{}://{}", scheme, text));
  if (!uri || !uri->segments().empty() || !uri->query.empty()) return std::nullopt;
  return uri;
}

Uri parse_address(const std::string& text, std::string_view scheme, Message complaint,
                  std::string_view origin) {
  if (auto uri = find_address(text, scheme)) return *std::move(uri);
  throw Error(complaint, fmt::format("{} is no address of a server: {}", origin, printable(text)),
              "HOST[:PORT]: ipmsrv.example.com, ipmsrv.example.com:1631, 10.0.0.1, [fc00::1]:631",
              "write the host, and its port if it is not 631, without scheme and path");
}

std::shared_ptr<LiveTrust> load_trust(const Context& context,
                                      const settings::ClientSettings& settings) {
  std::error_code ignored;
  if (!fs::exists(settings.anchors, ignored)) {
    throw Error(
        Message::FileNotFound,
        fmt::format("{} is not there: no server can be trusted", settings.anchors.string()),
        "the certificate of the CA that the server's certificate is from",
        context.typed("ipm trust install CA-CERT.pem") +
            "; or, for a server with encryption off, encryption = false under [client] in " +
            (settings.own_folder / "ipm.toml").string());
  }
  return std::make_shared<LiveTrust>(client_sources(context, settings), context.clock);
}

ServerTarget remote(const Context& context, const settings::ClientSettings& settings,
                    const std::string& text, Message complaint, std::string_view origin) {
  const Uri uri = parse_address(text, settings.encrypted ? "ipps" : "ipp", complaint, origin);
  auto trust = settings.encrypted ? load_trust(context, settings) : nullptr;
  auto generation = trust ? trust->keeper.current() : nullptr;
  return {ippclient::destination_of(uri, std::move(generation)),
          fmt::format("{}://{}", uri.scheme, uri.authority()), std::move(trust), settings};
}

ServerTarget local(const Places& places, const settings::ClientSettings& settings) {
  ServerTarget target;
  target.client = settings;
  target.destination.local_socket = places.socket();
  target.uri_start = "ipp://localhost";
  return target;
}

}  // namespace

LiveTrust::LiveTrust(tls::GenerationSources sources, const Clock& clock)
    : log({{}, true, clock}), keeper(std::move(sources), clock, log, tls::Keeper::Quietly{}) {}

void add_server_option(CLI::App& command, ServerChoice& choice) {
  command
      .add_option("--server", choice.given,
                  choice.prefers_local
                      ? "The server to ask instead of this machine's own"
                      : "The server; else that of ipm.toml, else this machine's own")
      ->type_name("HOST[:PORT]");
}

ServerTarget find_server(const Context& context, const settings::ClientSettings& settings,
                         const ServerChoice& choice) {
  const Places places = context.places();
  if (choice.given)
    return remote(context, settings, *choice.given, Message::UsageWrong, "--server");
  std::error_code ignored;
  const bool runs_here = fs::exists(places.socket(), ignored);
  if (choice.prefers_local && runs_here) return local(places, settings);
  if (settings.server) {
    return remote(context, settings, *settings.server, Message::ConfigurationWrong,
                  fmt::format("server in {}", settings.server_file.string()));
  }
  if (runs_here) return local(places, settings);
  throw Error(
      Message::ConnectionFailed,
      fmt::format("no server is named, and none runs on this machine ({} is not there)",
                  places.socket().string()),
      fmt::format("--server HOST[:PORT], or server under [client] in {}, or ipmd running here",
                  (settings.own_folder / "ipm.toml").string()),
      "add --server HOST, or start ipmd");
}

}  // namespace ipm::app
