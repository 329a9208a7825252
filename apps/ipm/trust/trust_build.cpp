// ipm trust build: Mozilla's certdata.txt to a PEM file (S4).
#include <fmt/format.h>

#include <cstdio>
#include <memory>

#include "base/files.h"
#include "base/text.h"
#include "ipm/trust/trust_commands.h"
#include "ipm/trust/trust_selection.h"
#include "ipm/trust/trust_store.h"

namespace ipm::app {
namespace {

namespace fs = std::filesystem;

struct BuildOptions {
  SelectionOptions what;
  fs::path certdata;
  std::optional<fs::path> output;
  std::optional<std::string> at;
};

TimePoint day_of(const Context& context, const BuildOptions& options) {
  if (!options.at) return context.now();
  if (const auto time = parse_rfc3339(*options.at)) return *time;
  throw Error(Message::UsageWrong, fmt::format("{} is no time", printable(*options.at, 40)),
              "RFC 3339, as 2026-11-21T00:00:00Z");
}

bool is_installed_store(const Context& context, const fs::path& output) {
  return fs::absolute(output).lexically_normal() ==
         fs::absolute(context.places().anchors()).lexically_normal();
}

void report_written(const Context& context, const Conversion& conversion, const fs::path& output,
                    nlohmann::json document) {
  if (context.json) {
    document["written"] = output.string();
    Context::print_json(document);
    return;
  }
  context.say(fmt::format("{}: {} roots ({}), from {} with SHA-256 {}", output.string(),
                          conversion.choice.roots.size(), conversion.selection.text(),
                          conversion.source.name, to_hex(conversion.source.digest)));
}

int build(const Context& context, const BuildOptions& options) {
  const auto style = options.what.style();
  const auto conversion = convert({options.certdata,
                                   std::nullopt,
                                   {},
                                   options.what.selection(),
                                   denied_here(context, options.what.deny_file),
                                   day_of(context, options)});
  if (!context.json) tell_oddities(*conversion);
  if (options.output && is_installed_store(context, *options.output)) {
    const auto installed = install_store(context, *conversion, style);
    if (!context.json) print_change(context, installed.change);
    auto document = to_json(*conversion);
    document["change"] = to_json(installed.change);
    report_written(context, *conversion, *options.output, std::move(document));
    context.next("ipm trust show");
    return kOk;
  }
  const auto bundle = trust::write_bundle(conversion->choice, conversion->certdata,
                                          conversion->selection, style, conversion->source);
  if (!options.output || *options.output == "-") {
    if (context.json) {
      auto document = to_json(*conversion);
      document["pem"] = bundle;
      Context::print_json(document);
    } else {
      std::fwrite(bundle.data(), 1, bundle.size(), stdout);
    }
    return kOk;
  }
  const auto existing = fs::exists(*options.output);
  if (existing && !context.force && find_file(*options.output, kBundleFileBytesMax) != bundle) {
    throw Error(Message::FileExists, fmt::format("{} is already there", options.output->string()),
                "a new file", "add --force to replace it");
  }
  write_file({*options.output, bundle});
  report_written(context, *conversion, *options.output, to_json(*conversion));
  context.next(fmt::format("ipm trust diff {} {}", context.places().anchors().string(),
                           options.output->string()));
  return kOk;
}

}  // namespace

void add_trust_build(CLI::App& noun, Context& context) {
  CLI::App& command = add_command(
      noun, "build", "Convert Mozilla's certdata.txt to a PEM file",
      "  ipm trust build -o ca-cert.pem certdata.txt\n"
      "  ipm trust build -s sha256 -t -p SERVER_AUTH,CLIENT_AUTH,CRL_SIGN:TRUSTED_DELEGATOR "
      "-o ca-cert.pem certdata.txt\n"
      "  ipm trust build --purposes EMAIL_PROTECTION --deny denied.txt certdata.txt > mail.pem");
  const auto options = std::make_shared<BuildOptions>();
  options->what.add_to(command);
  command.add_option("-o,--output", options->output, "Write to FILE instead of standard output")
      ->type_name("FILE");
  command.add_option("--at", options->at, "Leave out what is expired at this time instead of now")
      ->type_name("RFC3339");
  command.add_option("certdata.txt", options->certdata, "The file; \"-\" is standard input")
      ->required();
  on_run(command, context, [&context, options] { return build(context, *options); });
}

}  // namespace ipm::app
