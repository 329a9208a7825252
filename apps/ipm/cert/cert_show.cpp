// ipm cert show: what a certificate says, of a file or of a server.
#include <fmt/format.h>

#include <memory>

#include "base/text.h"
#include "ipm/cert/presented.h"
#include "ipm/commands.h"
#include "ipm/common/describe.h"
#include "ipm/common/output.h"

namespace ipm::app {
namespace {

int show(const Context& context, const std::string& what) {
  const auto presented = presented_by(what);
  if (context.json) {
    auto document = nlohmann::json::object();
    document["origin"] = presented.origin;
    document["certificates"] = nlohmann::json::array();
    for (const auto& certificate : presented.chain) {
      document["certificates"].push_back(certificate_json(certificate, context.now()));
    }
    if (presented.host) {
      document["protocol"] = presented.protocol;
      document["asks_for_client_certificate"] = presented.asks_for_client_certificate;
    }
    Context::print_json(document);
    return kOk;
  }
  if (presented.host) {
    print_out("{} speaks {} and {} for a client certificate\n\n", presented.origin,
              presented.protocol, presented.asks_for_client_certificate ? "asks" : "does not ask");
  }
  bool first = true;
  for (const auto& certificate : presented.chain) {
    if (!first) print_out("\n");
    first = false;
    print_out("{}", certificate_text(certificate, context.now()));
  }
  return kOk;
}

}  // namespace

void add_cert_show(CLI::App& noun, Context& context) {
  CLI::App& command = add_command(noun, "show", "Show the certificates of a file or of a server",
                                  "  ipm cert show /etc/ipm/server-cert.pem\n"
                                  "  ipm cert show ipmsrv.example.com:631\n"
                                  "  ipm cert show [fc00::1]:631 --json");
  auto what = std::make_shared<std::string>();
  command.add_option("WHAT", *what, "A PEM file, or HOST:PORT")->required();
  on_run(command, context, [&context, what] { return show(context, *what); });
}

}  // namespace ipm::app
