#pragma once

#include <dlib/serialize.h>

#include <exception>
#include <fstream>
#include <string>

#include "error.h"

namespace fcn {

// Reads one dlib object from a file.
// - throws Error(ModelMissing) if the file can't be opened, Error(ModelDamaged) if it holds something else.
template <typename Model>
void deserializeModel(const std::string& path, Model& model) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw Error(ErrorCode::ModelMissing, "The model file " + path + " could not be opened.");
  try {
    dlib::deserialize(model, file);
  } catch (const std::exception& cause) {
    throw Error(ErrorCode::ModelDamaged, "The model file " + path + " is damaged: " + cause.what());
  }
}

}  // namespace fcn
