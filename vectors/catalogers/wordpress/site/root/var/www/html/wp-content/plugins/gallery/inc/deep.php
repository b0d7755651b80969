<?php
/* Plugin Name: Deep
Version: 1 */
