#include "ipm/common/installed.h"

#include <algorithm>

#include "settings/client.h"
#include "settings/server.h"

namespace ipm::app {
namespace {

namespace fs = std::filesystem;

void add(std::vector<fs::path>& files, const fs::path& path) {
  const fs::path target = target_of(path);
  if (std::ranges::find(files, target) == files.end()) files.push_back(target);
}

}  // namespace

fs::path target_of(const fs::path& path) {
  std::error_code failed;
  if (!fs::is_symlink(path, failed)) return path;
  const auto target = fs::weakly_canonical(path, failed);
  return failed ? path : target;
}

InstalledFiles installed_files(const Context& context) {
  const Places places = context.places();
  const auto server = settings::load_server_settings(places);
  const auto client = settings::load_client_settings(places);
  InstalledFiles files;
  files.server = {target_of(server.certificate), target_of(server.key)};
  files.dial = {target_of(server.dial_certificate), target_of(server.dial_key)};
  files.client = {target_of(client.certificate), target_of(client.key)};
  add(files.anchors, client.anchors);
  add(files.anchors, server.anchors);
  add(files.client_anchors, server.client_anchors.value_or(server.anchors));
  add(files.lists, server.crl);
  add(files.lists, client.crl);
  return files;
}

}  // namespace ipm::app
