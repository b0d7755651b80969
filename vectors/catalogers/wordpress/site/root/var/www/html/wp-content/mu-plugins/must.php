<?php /* Plugin Name: Must */
/* Version: 3 */
