#pragma once

#include <cstdint>
namespace fcn {

// The parameters of dlib's frontal face detector, which are part of its serialized form;
// generate_frontal_face_filters.cpp checks them.
constexpr std::int64_t kHogCell = 8;         // pixels; get_cell_size()
constexpr std::int64_t kHogWindow = 10;      // cells; get_fhog_window_width(), get_fhog_window_height()
constexpr std::size_t kHogMinLevel = 64;     // pixels; get_min_pyramid_layer_width(), ..._height()
constexpr std::size_t kHogMaxLevels = 1000;  // get_max_pyramid_levels()

// Of each cell: 18 orientations that tell dark-to-light from light-to-dark, 9 that don't, 4 textures.
constexpr std::int64_t kHogOrientations = 18;
constexpr std::int64_t kHogPlanes = 31;

}  // namespace fcn
