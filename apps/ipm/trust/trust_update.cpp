// ipm trust update: fetches Mozilla's newest certdata.txt, converts it, and installs it.
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string>

#include "base/text.h"
#include "ipm/common/installed.h"
#include "ipm/trust/download.h"
#include "ipm/trust/trust_commands.h"
#include "ipm/trust/trust_selection.h"
#include "ipm/trust/trust_store.h"
#include "os/terminal.h"

namespace ipm::app {
namespace {

namespace fs = std::filesystem;

constexpr const char* kMozilla =
    "https://hg.mozilla.org/mozilla-central/raw-file/tip/security/nss/lib/ckfw/builtins/"
    "certdata.txt";

struct UpdateOptions {
  SelectionOptions what;
  std::string url = kMozilla;
  std::optional<fs::path> file;
  std::optional<fs::path> ca_file;
};

// What is recorded and shown of an address: neither a password nor a token that may stand in it.
std::string without_secrets(std::string url) {
  url.resize(std::min(url.find_first_of("?#"), url.size()));
  const auto authority = url.find("://") + 3;
  const auto end = std::min(url.find('/', authority), url.size());
  const auto at = url.rfind('@', end);
  if (at != std::string::npos && at >= authority) url.erase(authority, at + 1 - authority);
  return url;
}

int update(const Context& context, const UpdateOptions& options) {
  ConversionOrder order;
  const auto style = options.what.style();
  order.selection = options.what.selection();
  order.denied = denied_here(context, options.what.deny_file);
  order.now = context.now();
  if (options.file) {
    order.file = *options.file;
  } else {
    context.say("Fetching " + without_secrets(options.url));
    order.text = download({options.url, trust::kCertdataBytesMax, options.ca_file,
                           !context.json && os::is_terminal(os::Stream::Error)});
    order.name = without_secrets(options.url);
  }
  const auto conversion = convert(std::move(order));
  if (!context.json) tell_oddities(*conversion);
  const auto installed = install_store(context, *conversion, style);
  if (context.json) {
    auto document = to_json(installed.change);
    document["source"] = conversion->source.name;
    document["source_sha256"] = to_hex(conversion->source.digest);
    document["written"] = context.places().anchors().string();
    document["roots"] = installed.roots;
    document["private"] = installed.private_kept;
    Context::print_json(document);
    return kOk;
  }
  print_change(context, installed.change);
  context.say(fmt::format("{}: {} roots of Mozilla's, {} of your own, from {} with SHA-256 {}",
                          context.places().anchors().string(), installed.roots,
                          installed.private_kept, conversion->source.name,
                          to_hex(conversion->source.digest)));
  for (const auto& file : installed_files(context).anchors) {
    if (file == context.places().anchors()) continue;
    context.say(
        fmt::format("The configuration names {} instead for servers or clients of this machine: "
                    "it was not changed",
                    file.string()));
  }
  context.say("Servers and clients that run take it up by themselves within two seconds.");
  context.next("ipm trust show");
  return kOk;
}

}  // namespace

void add_trust_update(CLI::App& noun, Context& context) {
  CLI::App& command =
      add_command(noun, "update", "Fetch Mozilla's newest root store and install it",
                  "  ipm trust update\n"
                  "  ipm trust update --file certdata.txt\n"
                  "  https_proxy=http://proxy.example.com:3128 ipm trust update");
  const auto options = std::make_shared<UpdateOptions>();
  auto* url = command.add_option("--url", options->url, "Fetch from here")
                  ->type_name("HTTPS")
                  ->capture_default_str();
  command.add_option("--file", options->file, "Take this certdata.txt; nothing is fetched")
      ->type_name("FILE")
      ->excludes(url);
  command
      .add_option("--ca", options->ca_file,
                  "Authenticate the server (or a proxy that opens TLS) by the CAs of FILE")
      ->type_name("FILE");
  options->what.add_to(command);
  on_run(command, context, [&context, options] { return update(context, *options); });
}

}  // namespace ipm::app
