"""The face: sketch, experts, landmarks, rig, visemes, motion, animation, video."""
