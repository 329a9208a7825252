#include "devices.h"

namespace ipm::simulation {

std::string Devices::add(std::size_t number) {
  const char* const kinds[] = {"file", "raw", "ipp"};
  const std::string name = fmt::format("{}-{}", kinds[dice_.below(3)], number);
  switch (kind_of(name)) {
    case DeviceKind::File:
      disk_.device(name);
      break;
    case DeviceKind::Raw:
      raw_[name] = std::make_unique<RawPrinter>(name, context_, network_, dice_, trace_);
      break;
    case DeviceKind::Ipp:
      ipp_[name] = std::make_unique<IppPrinter>(name, context_, network_, dice_, trace_);
      break;
  }
  return name;
}

std::string Devices::uri_of(const std::string& name) const {
  switch (kind_of(name)) {
    case DeviceKind::Raw:
      return fmt::format("socket://{}.test", name);
    case DeviceKind::Ipp:
      return fmt::format("ipp://{}.test/ipp/print", name);
    case DeviceKind::File:
      break;
  }
  return fmt::format("file://{}/", disk_.device(name).path().string());
}

void Devices::trouble(const std::string& name) {
  const std::size_t what = dice_.below(4);
  trace_.note("trouble: {} at {}", what, name);
  switch (kind_of(name)) {
    case DeviceKind::File:
      return what < 2 ? folder(name).set_away(true) : folder(name).set_full(true);
    case DeviceKind::Raw:
      return what == 0 ? raw_[name]->set_off(true) : raw_[name]->set_moody(70);
    case DeviceKind::Ipp:
      return what == 0   ? ipp_[name]->set_off(true)
             : what == 1 ? ipp_[name]->start_anew()
                         : ipp_[name]->set_moody(40);
  }
}

void Devices::mend() {
  trace_.note("mend: devices");
  for (auto& [name, device] : raw_) {
    device->set_off(false);
    device->set_moody(0);
  }
  for (auto& [name, device] : ipp_) {
    device->set_off(false);
    device->set_moody(0);
  }
  disk_.mend_devices();
}

}  // namespace ipm::simulation
