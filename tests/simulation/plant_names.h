#pragma once
#include <string>
#include <vector>

namespace ipm::simulation {

std::vector<std::string> plant_names();  // those of plants.txt; made by plant.py

}  // namespace ipm::simulation
