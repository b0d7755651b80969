<?php // Plugin Name: Bare
// Version: 0.1 ?>
