// ipm cert request | sign: the key never leaves the computer that made it.
#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <memory>

#include "base/error.h"
#include "base/files.h"
#include "base/text.h"
#include "ipm/cert/issuing.h"
#include "ipm/cert/passphrase.h"
#include "ipm/commands.h"
#include "ipm/common/describe.h"
#include "pki/request.h"

namespace ipm::app {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kRequestSuffix = "-request.pem";

struct RequestOptions {
  std::string name;
  std::vector<std::string> names;
  std::string key = "p256";
  fs::path out;
};

struct SignOptions {
  fs::path file;
  std::string role;
  bool address = false;
  int days = static_cast<int>(pki::kLeafValidity.count());
  std::optional<fs::path> out;
  std::optional<fs::path> passphrase_file;
};

int request(const Context& context, const RequestOptions& options) {
  // The most permissive role: which one it becomes, the authority decides.
  if (const auto complaint = pki::common_name_complaint(pki::Role::Client, options.name)) {
    throw Error(Message::NameInvalid,
                fmt::format("the name \"{}\" {}", printable(options.name, 100), *complaint),
                "a computer's full DNS name, or a user's name such as alice");
  }
  const fs::path key_file = options.out.string() + "-key.pem";
  const fs::path request_file = options.out.string() + std::string(kRequestSuffix);
  const std::array both = {key_file, request_file};
  require_free(context, both);
  const auto names = parse_names(options.names);
  const auto key = pki::PrivateKey::generate(pki::parse_key_kind(options.key));
  const auto made = pki::Request::make(key, options.name, names);
  const Secret key_pem = key.pem();
  const std::string request_pem = made.pem();
  const std::array files = {NewFile{key_file, key_pem.reveal(), os::Privacy::Owner},
                            NewFile{request_file, request_pem, os::Privacy::Everyone}};
  write_files_together(files);
  if (context.json) {
    Context::print_json({{"request_file", request_file.string()},
                         {"key_file", key_file.string()},
                         {"name", options.name},
                         {"names", names.text()}});
    return kOk;
  }
  context.say(
      fmt::format("Wrote {} (the request: carry it to the authority)", request_file.string()));
  context.say(
      fmt::format("      {} (its {} key: it stays here)", key_file.string(), key.describe()));
  context.say(
      fmt::format("Next, where the authority is: ipm cert sign {} --role server|mutual|client",
                  word(request_file.filename())));
  return kOk;
}

// "desk7-request.pem" becomes "desk7-cert.pem".
fs::path certificate_file(const SignOptions& options) {
  std::string stem = options.out ? options.out->string() : options.file.string();
  if (!options.out) {
    if (stem.ends_with(kRequestSuffix)) {
      stem.resize(stem.size() - kRequestSuffix.size());
    } else {
      stem = (options.file.parent_path() / options.file.stem()).string();
    }
  }
  return stem + "-cert.pem";
}

int sign(const Context& context, const SignOptions& options) {
  const auto role = parse_role(options.role);
  const auto request = pki::Request::parse(read_file(options.file), options.file.string());
  auto order = pki::order_from_request(request, role, context.now(), options.address);
  order.validity = std::chrono::days{options.days};
  const auto file = certificate_file(options);
  const std::array one = {file};
  require_free(context, one);

  auto authority = open_authority(context, options.passphrase_file);
  context.say(fmt::format("The request is for {} ({})", printable(order.common_name, 80),
                          pki::all_names(order).text()));
  const auto left_out = pki::left_out_text(request, order);
  if (!left_out.empty()) {
    context.say(
        fmt::format("Left out, because our certificates carry no such names: {}", left_out));
  }
  const auto certificate = authority.issue(request.public_key(), order);
  write_file({file, certificate.pem(), os::Privacy::Everyone});
  if (context.json) {
    auto document = certificate_json(certificate, context.now());
    document["certificate_file"] = file.string();
    document["left_out"] = left_out;
    Context::print_json(document);
    return kOk;
  }
  context.say(fmt::format("Wrote {} ({} certificate of {})", file.string(), pki::role_name(role),
                          printable(order.common_name, 80)));
  say_certificate(context, certificate);
  const Places elsewhere = places();
  context.say(fmt::format(
      "Next: carry it back, and put it beside its key as {}; {} belongs there as {}",
      (role == pki::Role::Client ? elsewhere.client_certificate() : elsewhere.server_certificate())
          .string(),
      context.places().anchors().string(), elsewhere.anchors().string()));
  return kOk;
}

}  // namespace

void add_cert_request(CLI::App& noun, Context& context) {
  CLI::App& command = add_command(
      noun, "request", "Make a key here, and a request for the authority to sign",
      "  ipm cert request desk7.example.com --out ./desk7\n"
      "  ipm cert request ipmsrv.example.com --names \"10.0.0.1\" --out ./ipmsrv --key rsa2048");
  auto options = std::make_shared<RequestOptions>();
  command.add_option("NAME", options->name, "A computer's full DNS name or a user's name")
      ->required();
  command.add_option("--names", options->names, "Further names and addresses")
      ->type_name("NAMES")
      ->expected(1)
      ->take_all();
  command.add_option("--key", options->key, "rsa2048, rsa3072, rsa4096, p256, p384 or ed25519")
      ->type_name("KIND")
      ->capture_default_str();
  command.add_option("--out", options->out, "Write STEM-request.pem and STEM-key.pem")
      ->type_name("STEM")
      ->required();
  on_run(command, context, [&context, options] { return request(context, *options); });
}

void add_cert_sign(CLI::App& noun, Context& context) {
  CLI::App& command = add_command(
      noun, "sign", "Certify a request: its key and names are taken, everything else is ours",
      "  ipm cert sign desk7-request.pem --role client\n"
      "  ipm cert sign ipmsrv-request.pem --role mutual --days 90 --out ./ipmsrv");
  auto options = std::make_shared<SignOptions>();
  command.add_option("FILE", options->file, "The request, PEM")->required();
  command.add_option("--role", options->role, "server, mutual or client")
      ->type_name("ROLE")
      ->required();
  command.add_flag("--address", options->address,
                   "A server that has an address and no name: an exception to S10");
  command.add_option("--days", options->days, "Days of validity (default 397)");
  command.add_option("--out", options->out, "Write STEM-cert.pem; else named after the request")
      ->type_name("STEM");
  add_passphrase_option(command, options->passphrase_file);
  on_run(command, context, [&context, options] { return sign(context, *options); });
}

}  // namespace ipm::app
