<?php
/**
 * Plugin Name: Fine Gallery
 * Plugin URI: https://example.com/gallery
 * Version: 2.1.0-beta1
 * Author: Example Authors
 * License: GPL-2.0-or-later */
