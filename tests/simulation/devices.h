#pragma once
// All devices of a run, by the names of their printers.

#include <boost/asio/io_context.hpp>
#include <map>
#include <memory>
#include <string>

#include "dice.h"
#include "disk.h"
#include "ipp_printer.h"
#include "memory_network.h"
#include "papers.h"
#include "raw_printer.h"
#include "trace.h"

namespace ipm::simulation {

class Devices {
 public:
  // All outlive it.
  Devices(boost::asio::io_context& context, Disk& disk, Dice& dice, Trace& trace)
      : context_(context), disk_(disk), dice_(dice), trace_(trace) {}

  std::string add(std::size_t number);  // of any kind; returns its name
  std::string uri_of(const std::string& name) const;
  const MemoryNetwork& network() const { return network_; }

  void trouble(const std::string& name);
  void mend();

  LossyFolder& folder(const std::string& name) const { return disk_.device(name); }
  const RawPrinter& raw(const std::string& name) const { return *raw_.at(name); }
  const IppPrinter& ipp(const std::string& name) const { return *ipp_.at(name); }

 private:
  boost::asio::io_context& context_;
  Disk& disk_;
  Dice& dice_;
  Trace& trace_;
  MemoryNetwork network_;
  std::map<std::string, std::unique_ptr<RawPrinter>> raw_;
  std::map<std::string, std::unique_ptr<IppPrinter>> ipp_;
};

}  // namespace ipm::simulation
