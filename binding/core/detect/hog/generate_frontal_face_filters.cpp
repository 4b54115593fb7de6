// Writes the definitions for frontal_face_filters.h to the file that is named on the command line. Runs when
// we are built, on the machine that builds.
#include <dlib/image_processing/frontal_face_detector.h>

#include <fstream>
#include <iostream>
#include <vector>

#include "frontal_face_filters.h"

namespace {

using Scanner = dlib::frontal_face_detector::image_scanner_type;

// Whether hog/geometry.h still tells the truth.
bool hasExpectedGeometry(const dlib::frontal_face_detector& detector) {
  const Scanner& scanner = detector.get_scanner();
  return detector.num_detectors() == fcn::kFaceViews && scanner.get_cell_size() == fcn::kHogCell &&
         scanner.get_padding() == 0 && scanner.get_fhog_window_width() == fcn::kHogWindow &&
         scanner.get_fhog_window_height() == fcn::kHogWindow &&
         scanner.get_feature_extractor().get_num_planes() == fcn::kHogPlanes &&
         scanner.get_min_pyramid_layer_width() == fcn::kHogMinLevel &&
         scanner.get_min_pyramid_layer_height() == fcn::kHogMinLevel &&
         scanner.get_max_pyramid_levels() == fcn::kHogMaxLevels;
}

void write(std::ostream& out, const dlib::matrix<float, 0, 1>& values) {
  out << '{';
  for (const float value : values) out << value << "f,";
  out << '}';
}

void write(std::ostream& out, const dlib::frontal_face_detector& detector) {
  const Scanner& scanner = detector.get_scanner();
  std::vector<Scanner::fhog_filterbank> views;
  for (std::size_t view = 0; view < detector.num_detectors(); ++view) {
    views.push_back(scanner.build_fhog_filterbank(detector.get_w(view)));
  }

  out << std::hexfloat << "// Written by generate_frontal_face_filters.cpp.\n"
      << "#include \"detect/hog/frontal_face_filters.h\"\n\nnamespace fcn {\n\n"
      << "const SeparableFilter kFrontalFaceFilters[] = {\n";
  std::size_t count = 0;
  for (std::size_t plane = 0; plane < fcn::kHogPlanes; ++plane) {
    for (std::size_t view = 0; view < views.size(); ++view) {
      const auto& rows = views[view].row_filters[plane];
      const auto& columns = views[view].col_filters[plane];
      for (std::size_t i = 0; i < rows.size(); ++i, ++count) {
        out << '{' << plane << ',' << view << ',';
        write(out, rows[i]);
        out << ',';
        write(out, columns[i]);
        out << "},\n";
      }
    }
  }
  out << "};\nconst std::size_t kFrontalFaceFilterCount = " << count << ";\n"
      << "const std::array<double, kFaceViews> kFrontalFaceThresholds = {\n";
  for (std::size_t view = 0; view < detector.num_detectors(); ++view) {
    // The last weight is not a filter's coefficient but the threshold.
    out << detector.get_w(view)(scanner.get_num_dimensions()) << ",\n";
  }
  out << "};\nconst double kFrontalFaceMaxOverlap = " << detector.get_overlap_tester().get_iou_thresh()
      << ";\nconst double kFrontalFaceMaxCovered = "
      << detector.get_overlap_tester().get_percent_covered_thresh() << ";\n\n}  // namespace fcn\n";
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "Usage: generate_frontal_face_filters <file to write>\n";
    return 1;
  }
  const dlib::frontal_face_detector detector = dlib::get_frontal_face_detector();
  if (!hasExpectedGeometry(detector)) {
    std::cerr << "dlib's frontal face detector no longer has the parameters of detect/hog/geometry.h.\n";
    return 1;
  }
  std::ofstream out(argv[1]);
  write(out, detector);
  out.close();
  if (out) return 0;
  std::cerr << "Can't write " << argv[1] << ".\n";
  return 1;
}
